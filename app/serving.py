"""What the published run says: its serving file, opened once for everybody and only to be read.

The file is opened by the path that `published/current` leads to, so that the next run is another file. The one before
stays open for pages that are being drawn; older ones are dropped, and DuckDB closes them when their last query has
ended.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import streamlit as st

sys.path.append(str(Path(__file__).resolve().parents[1]))
from ipre.serving import SERVING_FILE, publish_dir, run_that_made_the_lists, serving_file

PROJECT = Path(__file__).resolve().parents[1]
# A page reads a few rows; the build beside it needs the memory.
SETTINGS = {"enable_external_access": False, "memory_limit": "500MB", "threads": 2}
ATTEMPTS = 3


class NothingPublished(Exception):
    """There are no lists to show, told in one line."""


def where() -> Path:
    """Give the path of the file that pages read, as readers name it."""
    return publish_dir() / SERVING_FILE


@dataclass(frozen=True)
class Published:
    """The tables of one run."""

    path: Path
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Give the rows of a query; `$name` in it stands for the value of that name."""
        cursor = self.connection.cursor()
        cursor.execute(query, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, query: str, **values: Any) -> dict[str, Any] | None:
        """Give the first row, or None."""
        return next(iter(self.rows(query, **values)), None)

    @cached_property
    def columns(self) -> dict[str, set[str]]:
        """Name the columns of every table that this run published."""
        columns: dict[str, set[str]] = {}
        for row in self.rows("select table_name, column_name from information_schema.columns"):
            columns.setdefault(row["table_name"], set()).add(row["column_name"])
        return columns

    def has(self, *tables: str) -> bool:
        """Say whether the run published these tables: an earlier version of ipre, or another setting, lacks some."""
        return all(table in self.columns for table in tables)

    @cached_property
    def run_id(self) -> str:
        """Give the run that made the lists: after a roll-back the earlier one."""
        return run_that_made_the_lists(self.connection)[0]

    @cached_property
    def about(self) -> dict[str, Any]:
        """Give whose data the lists are made from (`own`, `demo`), and for which day."""
        return self.row("select data_kind, as_of_date from as_of") or {}

    @property
    def data_kind(self) -> str:
        """Say whose data the lists are made from."""
        return self.about["data_kind"]

    @property
    def as_of_date(self) -> date:
        """Give the day that the lists are made for."""
        return self.about["as_of_date"]


def current_path() -> Path:
    """Give the serving file that readers see now, by its real path. Raises NothingPublished."""
    try:
        return serving_file()
    except OSError as error:
        raise NothingPublished(
            f"There are no lists yet in {publish_dir()}. Make them with `make build`, or name the folder of a build in "
            "IPRE_PUBLISH_DIR."
        ) from error


def current() -> Published:
    """Open what readers see now. Raises NothingPublished."""
    for attempt in range(1, ATTEMPTS + 1):
        path = current_path()
        try:
            return opened(str(path))
        except duckdb.Error as error:  # Cleared away between the two lines by a build: look again.
            if attempt == ATTEMPTS:
                raise NothingPublished(f"{path} cannot be read ({str(error).splitlines()[0]}).") from error
    raise AssertionError("the last attempt returns or raises")


@st.cache_resource(max_entries=2, show_spinner=False)
def opened(path: str) -> Published:
    """Open a serving file, once in this process. Evicted, it is dropped and not closed: see above."""
    return Published(Path(path), duckdb.connect(path, read_only=True, config=SETTINGS))
