"""Where ratings live: one table of events that only grows, in SQLite or PostgreSQL (docs/ratings.md).

The app, the worksheets and importers save through RatingStore (store.py), which needs SQLAlchemy. What the nightly
build needs to find the same place (address.py) uses the standard library only.
"""
