"""The run log, one row a run, kept across builds, and beside it how many rows of each input table a run read.

Runs take notes in `build.run_notes` and `build.run_row_notes` as they go. `main.build_runs` and `main.build_run_rows`
show them, but for a run in the set behind `current` they show what the set says: a run is published at the moment in
which readers see it, noted or not.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
import yaml

from .input_counts import Count
from .published_folder import PublishedFolder
from .warehouse import quoted

RUN_LOG, ROW_LOG = "build_runs", "build_run_rows"
LOG, ROWS = f"main.{RUN_LOG}", f"main.{ROW_LOG}"
NOTES, ROW_NOTES = "build.run_notes", "build.run_row_notes"
PROJECT = Path(__file__).resolve().parents[2]


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    PUBLISHED = "published"
    NOT_PUBLISHED = "not published"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    ROLLED_BACK = "rolled back"


DIED = "the process ended without a message: it was killed or could not write"
# Of these the reason is an error's text, which may quote a path of the server or a value of a row.
PRIVATE_REASONS = (Outcome.FAILED, Outcome.REFUSED, Outcome.INTERRUPTED)

# What the columns of both are, and what they mean.
[LOGS] = [
    source
    for source in yaml.safe_load((PROJECT / "models" / "monitoring" / "_run_log.yml").read_text())["sources"]
    if source["name"] == "run_log"
]
COLUMNS, ROW_COLUMNS = (
    {column["name"]: column["data_type"] for column in table["columns"]} for table in LOGS["tables"]
)
KEYS = {RUN_LOG: ["run_id"], ROW_LOG: ["run_id", "input_table"]}
# Column of the log -> the model in `build` that it is from, and how. Null where the run did not get that far.
FIGURES = {
    "as_of_date": ("as_of", "max(as_of_date)"),
    "clusters": ("cluster_profiles", "count(*)"),
    "rules": ("associations", "count(*)"),
    "recommendations": ("final_recommendations", "count(*)"),
}


class RunLog:
    """The log of one warehouse, and the run of it that is open.

    Notes are written at once, in transactions of their own, so that a run that dies leaves its row.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """connection: to the warehouse, opened for writing."""
        self.connection = connection
        self.run: dict[str, Any] = {}

    def begin(self, run: dict[str, Any], shown: str | None) -> bool:
        """Open a run. A run that is still called running is dead, because this process holds the warehouse.

        shown: the relation of the log in the set that readers see. Returns whether a run died after readers saw it.
        """
        cursor = self.connection.cursor()
        make_notes(cursor)
        died_after = bool(shown) and self.correct_notes(cursor, shown)
        cursor.execute(
            f"update {NOTES} set outcome = ?, reason = ? where outcome = ?",
            [Outcome.INTERRUPTED, DIED, Outcome.RUNNING],
        )
        self.run = run | {"duckdb_version": duckdb.__version__}
        write_note(cursor, self.run)
        return died_after

    def correct_notes(self, cursor: duckdb.DuckDBPyConnection, shown: str) -> bool:
        """Note what the set that readers see says of a run that died before it could; return whether there was one."""
        [(corrected,)] = cursor.execute(
            f"insert or replace into {NOTES} by name select {', '.join(f'shown.{name}' for name in COLUMNS)} "
            f"from {shown} as shown inner join {NOTES} as notes on shown.run_id = notes.run_id "
            "where shown.outcome <> notes.outcome"
        ).fetchall()
        return corrected > 0

    def count(self, counts: Mapping[str, Count]) -> None:
        """Note how many rows of input tables the run read."""
        cursor = self.connection.cursor()
        for table, count in counts.items():
            cursor.execute(
                f"insert or replace into {ROW_NOTES} values (?, ?, ?, ?, ?, ?)",
                [self.run["run_id"], table, count.read, count.accepted, count.rejected, as_json(count.values)],
            )

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
            write_note(self.connection.cursor(), self.run)
        self.run = {}

    def remark(self, run_id: str, words: str) -> None:
        """Note beside how a run ended what went wrong after it."""
        with contextlib.suppress(duckdb.Error):
            self.connection.cursor().execute(
                f"update {NOTES} set reason = concat_ws('; ', reason, ?) where run_id = ?", [words, run_id]
            )

    @contextlib.contextmanager
    def concluded(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let this cursor, and no other, see the log as it will be when the run is published."""
        cursor.execute("begin")
        try:
            write_note(cursor, self.run)
            yield
        finally:
            cursor.execute("rollback")


def as_json(values: Mapping[str, int] | None) -> str | None:
    """Return the values of columns as build_run_rows has them."""
    return None if values is None else json.dumps(values)


def conclusion(
    run: dict[str, Any], outcome: Outcome, reason: str | None, published_run_id: str | None
) -> dict[str, Any]:
    """Return the columns of the log that say how a run ends now."""
    finished_at = datetime.now(UTC).replace(tzinfo=None)
    return {
        "outcome": outcome,
        "reason": reason,
        "published_run_id": published_run_id,
        "finished_at": finished_at,
        "duration_seconds": round((finished_at - run["started_at"]).total_seconds(), 3),
    }


def set_name(run: Mapping[str, Any]) -> str:
    """Name the set of files of a run."""
    return f"{run['started_at']:%Y%m%dT%H%M%SZ}-{run['run_id']}"


def make_notes(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of notes."""
    cursor.execute("create schema if not exists build")
    for table, columns, key in ((NOTES, COLUMNS, KEYS[RUN_LOG]), (ROW_NOTES, ROW_COLUMNS, KEYS[ROW_LOG])):
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        cursor.execute(f"create table if not exists {table} ({typed}, primary key ({', '.join(key)}))")


def show_logs(cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder) -> None:
    """Show in the logs in `main` what the set that readers see says, and the notes of this warehouse."""
    names, row_names = ", ".join(COLUMNS), ", ".join(ROW_COLUMNS)
    if not folder.shown():
        cursor.execute(f"create or replace view {LOG} as select {names} from {NOTES}")
        cursor.execute(f"create or replace view {ROWS} as select {row_names} from {ROW_NOTES}")
        return
    shown, shown_rows = folder.rows(RUN_LOG), folder.rows(ROW_LOG)
    told = ", ".join(
        "case when shown.outcome = notes.outcome then notes.reason else shown.reason end as reason"
        if name == "reason"
        else f"shown.{name}"
        for name in COLUMNS
    )
    cursor.execute(
        f"create or replace view {LOG} as with shown as (from {shown}) "
        f"select {told} from shown left join {NOTES} as notes on shown.run_id = notes.run_id union all "
        f"select {names} from {NOTES} where run_id not in (select run_id from shown)"
    )
    cursor.execute(
        f"create or replace view {ROWS} as select {row_names} from {shown_rows} union all "
        f"select {row_names} from {ROW_NOTES} where run_id not in (select run_id from {shown_rows})"
    )


def write_note(cursor: duckdb.DuckDBPyConnection, run: dict[str, Any]) -> None:
    """Write what is known of a run over what was noted of it."""
    names = ", ".join(quoted(name) for name in run)
    places = ", ".join("?" for _ in run)
    cursor.execute(f"insert or replace into {NOTES} ({names}) values ({places})", list(run.values()))


def newest_own_run(engine: Any, log: str) -> str | None:
    """Return the id of the newest published run that was made from own data, not from the demo's; None without one."""
    rows = engine.rows(
        f"select run_id from {log} where outcome = '{Outcome.PUBLISHED}' and data_kind = 'own' "
        "order by finished_at desc, run_id limit 1"
    )
    return rows[0]["run_id"] if rows else None
