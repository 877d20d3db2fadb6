"""The world that the demo data are drawn from: what is in it (CSV and TOML files) and how it behaves (modules)."""
