{{ read_input("account_managers") }}
