"""The run log, one row a run, kept across builds.

Runs take notes in `build.run_notes` as they go. `main.build_runs` shows them, but of a run that the set behind
`current` knows it tells what the set says: a run is published in the moment in which readers see it, noted or not.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
import yaml

from .input_tables import input_tables
from .warehouse import kind_of, quoted

RUN_LOG = "build_runs"
LOG = f"main.{RUN_LOG}"
NOTES = "build.run_notes"
PROJECT_FILE = Path(__file__).resolve().parents[2] / "dbt_project.yml"
COUNTED_TABLES = list(input_tables())


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    PUBLISHED = "published"
    NOT_PUBLISHED = "not published"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    ROLLED_BACK = "rolled back"


# Of these the reason is an error's text, which may quote a path of the server or a value of a row.
PRIVATE_REASONS = (Outcome.FAILED, Outcome.REFUSED, Outcome.INTERRUPTED)

# What each column means stands in models/monitoring/_run_log.yml; a test keeps the two together.
COLUMNS = {
    "run_id": "varchar",
    "command": "varchar",
    "outcome": "varchar",
    "reason": "varchar",
    "published_run_id": "varchar",
    "project_version": "varchar",
    "dbt_version": "varchar",
    "duckdb_version": "varchar",
    "parameters": "varchar",
    "data_kind": "varchar",
    "data_door": "varchar",
    **{f"{table}_{kind}": "bigint" for table in COUNTED_TABLES for kind in ("read", "accepted", "rejected")},
    "clusters": "bigint",
    "rules": "bigint",
    "recommendations": "bigint",
    "duration_seconds": "double",
    "as_of_date": "date",
    "started_at": "timestamp",
    "finished_at": "timestamp",
}


class RunLog:
    """The log of one warehouse, and the run of it that is open.

    Notes are written at once, in transactions of their own, so that a run that dies has left its row.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """connection: to the warehouse, opened for writing."""
        self.connection = connection
        self.run: dict[str, Any] = {}

    def begin(self, **run: Any) -> None:
        """Open a run; whoever is still called running is dead, because this process holds the warehouse."""
        cursor = self.connection.cursor()
        make_notes(cursor)
        self.correct_notes(cursor)
        self.run = opened(**run) | {"duckdb_version": duckdb.__version__}
        self.write(cursor)

    def correct_notes(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Note what the set that readers see says of a run that died before it could; of the others, that they died."""
        with contextlib.suppress(duckdb.IOException):  # The folder is gone, and with it what it said.
            rows = cursor.execute(
                f"select log.* from {LOG} as log inner join {NOTES} as notes on log.run_id = notes.run_id "
                "where log.outcome <> notes.outcome"
            ).fetchall()
            for row in rows:
                write_note(cursor, dict(zip(COLUMNS, row, strict=True)))
        cursor.execute(
            f"update {NOTES} set outcome = ?, reason = ? where outcome = ?",
            [
                Outcome.INTERRUPTED,
                "the process ended without a word: killed, or it could not write any more",
                Outcome.RUNNING,
            ],
        )

    def measure(self, figures: dict[str, str]) -> None:
        """Take figures of the run: column -> SQL of one value. What cannot be read any more stays null."""
        cursor = self.connection.cursor()
        for name, query in figures.items():
            with contextlib.suppress(duckdb.Error):
                self.run[name] = cursor.execute(query).fetchall()[0][0]

    def end(self, outcome: Outcome, reason: str | None = None) -> None:
        """Close the run, if one is open, with how it ended."""
        if self.run:
            self.conclude(outcome, reason)
            self.close()

    def conclude(self, outcome: Outcome, reason: str | None = None, published_run_id: str | None = None) -> None:
        """Fill in how the run ends, without writing it yet."""
        self.run |= conclusion(self.run, outcome, reason, published_run_id)

    def close(self) -> None:
        """Write the run's last note. Notes that cannot be written must not hide what the caller has to say."""
        with contextlib.suppress(duckdb.Error):
            self.write(self.connection.cursor())
        self.run = {}

    def write(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Write the open run's note with this cursor, in whatever transaction it has."""
        write_note(cursor, self.run)

    @contextlib.contextmanager
    def concluded(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let this cursor, and no other, see the log as it will be when the run is published."""
        cursor.execute("begin")
        try:
            self.write(cursor)
            yield
        finally:
            cursor.execute("rollback")

    def shown_run(self) -> dict[str, Any] | None:
        """Give id and start of the run whose lists readers see, as far as the notes know it."""
        rows = (
            self.connection.cursor()
            .execute(
                f"select run_id, started_at from {NOTES} where run_id = (select published_run_id from {NOTES} "
                "where published_run_id is not null order by finished_at desc, run_id limit 1)"
            )
            .fetchall()
        )
        return dict(zip(("run_id", "started_at"), rows[0], strict=True)) if rows else None

    @staticmethod
    def show(cursor: duckdb.DuckDBPyConnection, shown: str | None) -> None:
        """Make `main.build_runs`. shown: the relation of what the set that readers see says; None without a folder."""
        names = ", ".join(COLUMNS)
        if not shown:
            cursor.execute(f"create or replace view {LOG} as select {names} from {NOTES}")
            return
        told = ", ".join(
            "case when shown.outcome = notes.outcome then notes.reason else shown.reason end as reason"
            if name == "reason"
            else f"shown.{name}"
            for name in COLUMNS
        )
        cursor.execute(
            f"create or replace view {LOG} as with shown as ({without_paths(shown)}) "
            f"select {told} from shown left join {NOTES} as notes on shown.run_id = notes.run_id union all "
            f"select {names} from {NOTES} where run_id not in (select run_id from shown)"
        )


def opened(
    *,
    run_id: str,
    command: str,
    dbt_version: str,
    started_at: datetime,
    parameters: dict[str, Any],
    data_kind: str | None,
) -> dict[str, Any]:
    """Give what the log says of a run from its start on."""
    return {
        "run_id": run_id,
        "command": command,
        "outcome": Outcome.RUNNING,
        "project_version": str(yaml.safe_load(PROJECT_FILE.read_text())["version"]),
        "dbt_version": dbt_version,
        "parameters": json.dumps(parameters, sort_keys=True, default=str),
        "data_kind": data_kind,
        "started_at": started_at.astimezone(UTC).replace(tzinfo=None),
    }


def conclusion(
    run: dict[str, Any], outcome: Outcome, reason: str | None, published_run_id: str | None
) -> dict[str, Any]:
    """Give what the log says of how a run ends now."""
    finished_at = datetime.now(UTC).replace(tzinfo=None)
    return {
        "outcome": outcome,
        "reason": reason,
        "published_run_id": published_run_id,
        "finished_at": finished_at,
        "duration_seconds": round((finished_at - run["started_at"]).total_seconds(), 3),
    }


def set_name(run: dict[str, Any]) -> str:
    """Name the set of files of a run."""
    return f"{run['started_at']:%Y%m%dT%H%M%SZ}-{run['run_id']}"


def make_notes(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the table of notes, from the log of an earlier version if there is one, and the view that shows it."""
    cursor.execute("create schema if not exists build")
    cursor.execute("begin")
    try:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        cursor.execute(f"create table if not exists {NOTES} ({columns}, primary key (run_id))")
        add_columns(cursor, NOTES)
        former = kind_of(cursor, "main", RUN_LOG)
        if former == "BASE TABLE":
            add_columns(cursor, LOG)
            cursor.execute(f"insert into {NOTES} {without_paths(LOG)}")
            cursor.execute(f"drop table {LOG}")
        if former != "VIEW":
            RunLog.show(cursor, shown=None)
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def add_columns(cursor: duckdb.DuckDBPyConnection, table: str) -> None:
    """Add the columns that an earlier version did not have."""
    for name, kind in COLUMNS.items():
        cursor.execute(f"alter table {table} add column if not exists {name} {kind}")


def without_paths(rows: str) -> str:
    """Give the query of a log's rows as they are now: earlier versions noted the folder, and not whose data it held."""
    folder = "json_extract_string(parameters, '$.data_dir')"
    now = {
        "parameters": f"case when {folder} is null then parameters "
        "else json_merge_patch(parameters, '{\"data_dir\": null}')::varchar end as parameters",
        "data_kind": f"coalesce(data_kind, case when {folder} <> '' then 'own' end) as data_kind",
    }
    columns = ", ".join(now.get(name, f"cast({name} as {kind}) as {name}") for name, kind in COLUMNS.items())
    return f"select {columns} from {rows}"


def write_note(cursor: duckdb.DuckDBPyConnection, run: dict[str, Any]) -> None:
    """Write what is known of a run over what was noted of it."""
    names = ", ".join(quoted(name) for name in run)
    places = ", ".join("?" for _ in run)
    cursor.execute(f"insert or replace into {NOTES} ({names}) values ({places})", list(run.values()))


def newest_own_run(cursor: duckdb.DuckDBPyConnection, log: str) -> str | None:
    """Give the id of the newest published run that was made from own data, not from the demo's; None without one."""
    rows = cursor.execute(
        f"select run_id from {log} where outcome = ? and data_kind = 'own' order by finished_at desc, run_id limit 1",
        [Outcome.PUBLISHED],
    ).fetchall()
    return rows[0][0] if rows else None
