"""Where ratings live: one table of events that only grows, in SQLite or PostgreSQL (docs/ratings.md).

The app, the worksheets and importers save through RatingStore (store.py). The nightly build finds the same place
(address.py) and only reads (ipre/run/input_ratings.py).
"""
