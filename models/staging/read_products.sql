{{ read_input("products") }}
