"""The file that readers open: where it is, and which run made the lists in it. The app and the worksheets ask here.

`published/current` leads to the set of files of one run; a build moves it in one step. A roll-back is a set of its own,
which shows the lists of an earlier run: its name is that of the roll-back, so only its run log says who made them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from datetime import datetime

PROJECT = Path(__file__).resolve().parents[1]
SERVING_FILE = Path("current") / "ipre_serving.duckdb"
# What a set is called that a version without run log made.
UNKNOWN_RUN = "unknown"


def publish_dir() -> Path:
    """Give the folder that builds publish to: where IPRE_PUBLISH_DIR is an object store, the copy on this machine."""
    wanted = os.environ.get("IPRE_PUBLISH_DIR", "")
    return PROJECT / ("published" if not wanted or "://" in wanted else Path(wanted).expanduser())


def serving_file() -> Path:
    """Give the file that readers see now, by its real path. Raises OSError where nothing is published."""
    return (publish_dir() / SERVING_FILE).resolve(strict=True)


def run_that_made_the_lists(connection: duckdb.DuckDBPyConnection) -> tuple[str, datetime | None]:
    """Give the id of the run that made the lists of a serving file, and when it began, in UTC."""
    try:
        found = (
            connection.cursor()
            .execute(
                "select shown.published_run_id, made.started_at from build_runs as shown "
                "left join build_runs as made on made.run_id = shown.published_run_id "
                "where shown.published_run_id is not null order by shown.finished_at desc, shown.run_id limit 1"
            )
            .fetchone()
        )
    except (duckdb.CatalogException, duckdb.BinderException):  # Published by a version without run log.
        found = None
    return found or (UNKNOWN_RUN, None)
