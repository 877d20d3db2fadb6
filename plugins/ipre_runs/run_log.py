"""The run log: `main.build_runs`, one row a run, kept across builds."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
import yaml

from .warehouse import quoted

PROJECT_FILE = Path(__file__).resolve().parents[2] / "dbt_project.yml"
INPUT_TABLES = ["customers", "products", "invoices", "feedback"]


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    PUBLISHED = "published"
    NOT_PUBLISHED = "not published"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    ROLLED_BACK = "rolled back"


# What each column means stands in models/monitoring/_run_log.yml; a test keeps the two together.
COLUMNS = {
    "run_id": "varchar primary key",
    "command": "varchar",
    "outcome": "varchar",
    "reason": "varchar",
    "published_run_id": "varchar",
    "project_version": "varchar",
    "dbt_version": "varchar",
    "duckdb_version": "varchar",
    "parameters": "varchar",
    "data_kind": "varchar",
    **{f"{table}_{kind}": "bigint" for table in INPUT_TABLES for kind in ("read", "accepted", "rejected")},
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

    Rows are written at once, in transactions of their own, so that a run that dies has left its row.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """connection: to the warehouse, opened for writing."""
        self.connection = connection
        self.run: dict[str, Any] = {}

    def begin(
        self,
        *,
        run_id: str,
        command: str,
        dbt_version: str,
        started_at: datetime,
        parameters: dict[str, Any],
        data_kind: str | None,
    ) -> None:
        """Open a run; whoever is still called running is dead, because this process holds the warehouse."""
        cursor = self.connection.cursor()
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        cursor.execute(f"create table if not exists main.build_runs ({columns})")
        for name, kind in COLUMNS.items():
            cursor.execute(f"alter table main.build_runs add column if not exists {name} {kind.split()[0]}")
        cursor.execute(
            "update main.build_runs set outcome = ?, reason = ? where outcome = ?",
            [
                Outcome.INTERRUPTED,
                "the process ended without a word: killed, or it could not write any more",
                Outcome.RUNNING,
            ],
        )
        self.run = {
            "run_id": run_id,
            "command": command,
            "outcome": Outcome.RUNNING,
            "project_version": str(yaml.safe_load(PROJECT_FILE.read_text())["version"]),
            "dbt_version": dbt_version,
            "duckdb_version": duckdb.__version__,
            "parameters": json.dumps(parameters, sort_keys=True, default=str),
            "data_kind": data_kind,
            "started_at": started_at.astimezone(UTC).replace(tzinfo=None),
        }
        self.write(cursor)

    def measure(self, figures: dict[str, str]) -> None:
        """Take figures of the run: column -> SQL of one value. What cannot be read any more stays null."""
        cursor = self.connection.cursor()
        for name, query in figures.items():
            with contextlib.suppress(duckdb.Error):
                self.run[name] = cursor.execute(query).fetchall()[0][0]

    def end(self, outcome: Outcome, reason: str | None = None) -> None:
        """Close the run, if one is open. A log that cannot be written must not hide what the caller has to say."""
        if not self.run:
            return
        self.conclude(outcome, reason)
        with contextlib.suppress(duckdb.Error):
            self.write(self.connection.cursor())
        self.run = {}

    def conclude(self, outcome: Outcome, reason: str | None = None, published_run_id: str | None = None) -> None:
        """Fill in how the run ends, without writing it yet."""
        finished_at = datetime.now(UTC).replace(tzinfo=None)
        self.run |= {
            "outcome": outcome,
            "reason": reason,
            "published_run_id": published_run_id,
            "finished_at": finished_at,
            "duration_seconds": round((finished_at - self.run["started_at"]).total_seconds(), 3),
        }

    def write(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Write the open run's row with this cursor, in whatever transaction it has."""
        names = ", ".join(quoted(name) for name in self.run)
        places = ", ".join("?" for _ in self.run)
        cursor.execute(f"insert or replace into main.build_runs ({names}) values ({places})", list(self.run.values()))


def newest_own_run(cursor: duckdb.DuckDBPyConnection, log: str) -> str | None:
    """Give the id of the newest published run that was made from own data, not from the demo's; None without one.

    log: an SQL relation with the rows of build_runs. Before there was a data_kind, the parameters tell.
    """
    columns = {name for name, *_ in cursor.execute(f"describe select * from {log}").fetchall()}
    kind = "data_kind" if "data_kind" in columns else "null"
    rows = cursor.execute(
        f"select run_id from {log} where outcome = ? and coalesce({kind}, "
        "case when json_extract_string(parameters, '$.data_dir') <> '' then 'own' end) = 'own' "
        "order by finished_at desc, run_id limit 1",
        [Outcome.PUBLISHED],
    ).fetchall()
    return rows[0][0] if rows else None
