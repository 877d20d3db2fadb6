{{ read_input("feedback") }}
