"""The version that dbt asks for."""

version = "0.1.0"
