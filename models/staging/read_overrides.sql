{{ read_input("overrides") }}
