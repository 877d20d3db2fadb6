{{ read_input("list_openings") }}
