"""The published tables for Python readers: the app and the worksheets.

`published/current` links to the files of one run; a run moves it in one step. Readers open the serving file by its real
path, read-only. The next run writes another file, so readers and runs never wait for each other.

This module also decides who sees whose customers, from the optional input `account_managers`: a `rep` sees those of the
account managers in her rows, a `manager` sees all, everybody else none. Without rows in that input everybody sees all.
If every row was rejected, nobody sees a customer: a typing error must not open what was closed.
"""

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
SERVING_FILE = Path("current") / "ipre_serving.duckdb"
# Readers read a few rows; a run on the same machine needs the memory.
SETTINGS = {"enable_external_access": False, "memory_limit": "500MB", "threads": 2}
# Somebody with this role sees everybody's customers.
MANAGER = "manager"
# order_state -> as people read it.
ORDER_STATES = {
    "on schedule": "on schedule",
    "late": "late",
    "silent": "inactive",
    "new or rare": "new or infrequent",
    "never ordered": "never ordered",
}
Rows = list[dict[str, Any]]


class NothingPublished(Exception):
    """There are no lists to read; the message is one line."""


@dataclass(frozen=True)
class PublishedRun:
    """The run that made the lists; after a rollback, the earlier run. started_at: UTC. data_kind: own or demo."""

    run_id: str
    started_at: datetime
    data_kind: str
    as_of_date: date


@dataclass(frozen=True)
class Sight:
    """Whose customers a person sees. managers: those of these account managers; None: all.

    is_assigned: from the input `account_managers`. why_nothing: a sentence for a person who sees none, else empty.
    """

    managers: frozenset[str] | None = None
    is_assigned: bool = False
    why_nothing: str = ""

    def sees(self, account_manager: str | None) -> bool:
        """Whether the person sees customers of this account manager; None: customers without one."""
        return self.managers is None or account_manager in self.managers


@dataclass(frozen=True)
class Published:
    """The tables of one published set, which stays the same when another is published."""

    path: Path
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, **values: Any) -> Rows:
        """Return the rows of a query; `$name` in it means the value of that name."""
        cursor = self.connection.cursor()
        cursor.execute(query, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, query: str, **values: Any) -> dict[str, Any] | None:
        """Return the first row, or None."""
        return next(iter(self.rows(query, **values)), None)

    @cached_property
    def run(self) -> PublishedRun:
        """Return the run that made the lists. After a rollback only the run log knows it."""
        return PublishedRun(
            **self.row(
                """
                select made.run_id, made.started_at, as_of.data_kind, as_of.as_of_date
                from build_runs as shown
                inner join build_runs as made on shown.published_run_id = made.run_id
                cross join as_of
                order by shown.finished_at desc, shown.run_id
                limit 1
                """
            )
        )

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the run; earlier versions had fewer."""
        return json.loads(
            self.row("select parameters from build_runs where run_id = $run", run=self.run.run_id)["parameters"]
        )

    def shows_margins(self, sight: Sight = Sight()) -> bool:
        """Whether a person with this sight may see margins; without a sight, whether everybody may."""
        allowed = self.parameters.get("show_margins", False)
        return allowed is True or (allowed == "managers" and sight.is_assigned and sight.managers is None)

    def has(self, table: str) -> bool:
        """Whether a table was published: some need a setting, others a later version."""
        return bool(self.rows("select 1 from duckdb_tables() where table_name = $table", table=table))

    @cached_property
    def account_managers(self) -> list[str]:
        """Return the account managers of the customers, by name."""
        rows = self.rows(
            "select distinct account_manager as name from account_brief where name is not null order by name"
        )
        return [row["name"] for row in rows]

    @cached_property
    def users(self) -> Rows:
        """Return the accepted rows of the input `account_managers`: user_name, role, account_manager."""
        return self.rows("select user_name, role, account_manager from account_managers order by all")

    @cached_property
    def assigned_rows(self) -> int:
        """Return the number of rows of the input `account_managers`, with rejected ones; 0: nobody is assigned."""
        counted = self.row(
            "select rows_read from build_run_rows where run_id = $run and input_table = 'account_managers'",
            run=self.run.run_id,
        )
        return counted["rows_read"] if counted else 0

    def sight_of(self, user: str) -> Sight:
        """Return whose customers a person sees."""
        if not self.assigned_rows:
            return Sight()
        if not self.users:
            return Sight(
                frozenset(),
                True,
                f"Nobody sees a customer, because all {self.assigned_rows:,} rows of the input account_managers were "
                "rejected. The warehouse table build.rejected_rows has the reasons.",
            )
        roles = [row for row in self.users if is_same_person(row["user_name"], user)]
        if any(row["role"] == MANAGER for row in roles):
            return Sight(None, True)
        mine = frozenset(row["account_manager"] for row in roles if row["account_manager"])
        why = "No customers are assigned to you. Ask the person who maintains the input account_managers."
        return Sight(mine, True, "" if mine else why)

    def people(self) -> list[str]:
        """Return the users: the names in the input `account_managers`, else the account managers."""
        return sorted({row["user_name"] for row in self.users}) if self.assigned_rows else self.account_managers


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are the same person's, ignoring case and blanks."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def publish_dir() -> Path:
    """Return the folder with published files; if IPRE_PUBLISH_DIR is an object store, the copy on this machine."""
    wanted = os.environ.get("IPRE_PUBLISH_DIR", "")
    return PROJECT / ("published" if not wanted or "://" in wanted else Path(wanted).expanduser())


def current_path() -> Path:
    """Return the real path of the current serving file. Raises NothingPublished."""
    try:
        return (publish_dir() / SERVING_FILE).resolve(strict=True)
    except OSError as error:
        raise NothingPublished(
            f"There are no lists in {publish_dir()}. Run `dbt build` (or `make build` for the demo), or set "
            "IPRE_PUBLISH_DIR to another folder."
        ) from error


def current() -> Published:
    """Open the current serving file. Raises NothingPublished."""
    path = current_path()
    try:
        return opened(path)
    except duckdb.Error as error:
        if current_path() != path:  # A run has just replaced it.
            return current()
        raise NothingPublished(
            f"{path} cannot be read ({str(error).splitlines()[0]}). Run `dbt build` again."
        ) from error


@lru_cache(maxsize=2)
def opened(path: Path) -> Published:
    """Open a serving file once in this process.

    The file before stays open for pages that are being drawn. An older one is dropped and not closed: DuckDB closes it
    after its last query.
    """
    return Published(path, duckdb.connect(str(path), read_only=True, config=SETTINGS))
