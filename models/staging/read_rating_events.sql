{{ read_input("rating_events") }}
