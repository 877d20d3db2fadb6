"""The world that the demo data are drawn from: what is in it (TOML files) and how it behaves (modules).

The data are TOML because the standard library reads it, and because dbt takes YAML and CSV files under ``seeds/`` for
its own.
"""
