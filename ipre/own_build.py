"""A build in a folder of its own, which readers see nothing of: for back-tests, benchmarks and the pictures."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of dbt for a build with warehouse, published files and logs in one folder."""
    return {
        **os.environ,
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "IPRE_WAREHOUSE": str(folder / "ipre.duckdb"),
        "IPRE_PUBLISH_DIR": str(folder / "published"),
        **more,
    }
