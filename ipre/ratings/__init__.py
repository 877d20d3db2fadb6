"""The ratings store: one table of events that only grows, in SQLite or PostgreSQL (docs/ratings.md).

The app, the worksheets and importers save through RatingStore (store.py). A run finds the same store (address.py) and
only reads it (ipre/run/input_ratings.py).
"""
