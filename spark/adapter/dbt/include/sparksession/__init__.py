"""dbt's macros for one Spark session."""

from pathlib import Path

PACKAGE_PATH = str(Path(__file__).parent)
