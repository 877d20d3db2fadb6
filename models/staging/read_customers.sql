{{ read_input("customers") }}
