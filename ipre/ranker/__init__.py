"""The learned ranker's mathematics: small functions over whole numbers, sparse matrices and arrays.

In the order of reading: `history` (what was known on a day), `similarity` (how products go together), `signals` (how
strongly each product is indicated), `candidates` (which products are compared for a customer, and 26 columns about
each), `examples` (what happened after earlier days), `training` (what that teaches), `chance` (how probable a purchase
is), `weights` (all that was learned, as a table). `peers` are the methods that a back-test compares with. dbt's Python
models in python_models/ hand data in and take tables out; business rules are in SQL.
"""
