"""Runs of two tiny tables in a plain DuckDB, published with the project's own classes: no dbt, milliseconds each."""

from __future__ import annotations

import multiprocessing
import os
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import duckdb

from ipre.run import DuckDB
from ipre.run.command import Command
from ipre.run.lifecycle import Run, facts
from ipre.run.parameters import defaults
from ipre.run.published_folder import read_parquet
from ipre.run.run_log import LOGS

# What dbt would know of the tables: lists, changes of all runs, and the two logs.
DESCRIBED = {"description": "A table.", "resource_type": "model", "depends_on": {"nodes": []}}


def node(name: str, columns: dict[str, str], **meta: Any) -> dict[str, Any]:
    """One published model, as dbt's graph has it."""
    described = {column: {"data_type": kind, "description": f"The {column}."} for column, kind in columns.items()}
    config = {"meta": {"published": True, **meta}, "materialized": "table", "enabled": True}
    return {**DESCRIBED, "name": name, "alias": name, "schema": "build", "columns": described, "config": config}


LISTS = node("final_recommendations", {"number": "integer", "name": "string"}, published_order=["number"])
CHANGES = node("changes", {"run_id": "string", "number": "integer"}, rows_of_earlier_runs_are_kept=True)
OF_A_RANKER = node("ranker_weights", {"number": "integer"})
SOURCES = {
    f"source.ipre.run_log.{log['name']}": {
        "name": log["name"],
        "schema": "main",
        "description": log["description"],
        "columns": {column["name"]: column for column in log["columns"]},
    }
    for log in LOGS["tables"]
} | {
    "source.ipre.published.before": {"name": "before", "config": {"meta": {"shows": "final_recommendations"}}},
    "source.ipre.published.published_run": {"name": "published_run", "config": {"meta": {}}},
}


def a_command(name: str = "build", number: int = 1, **changed: Any) -> Command:
    """A command, the numbered one of its warehouse. changed: fields of Command; parameters by `values`."""
    given = changed.pop("given", {})
    models = changed.pop("models", [LISTS, CHANGES])
    fields = {
        "run_id": str(uuid.UUID(int=number)),
        "name": name,
        "started_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        "dbt_version": "1",
        "values": defaults() | given,
        "given": given,
        "target": "warehouse",
        "nodes": {f"model.ipre.{model['name']}": model for model in models},
        "sources": SOURCES,
        "selected": frozenset(),
        "rules": {"day": "try_cast(invoice_date as date)", "is_too_late": "(day > date '2026-06-01')"},
        "is_accepted": False,
        "is_quiet": True,
        "is_without_rows": False,
        "is_deferred": False,
    }
    return Command(**fields | changed)


def a_process(action: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start a function of a module in a process of its own.

    It is no fork of this process, which would share connections of DuckDB's and PostgreSQL's.
    """
    processes = multiprocessing.get_context("forkserver")
    # DuckDB loads pandas when it first binds a value; loaded here, it is loaded once.
    processes.set_forkserver_preload([__name__, "pandas", action.__module__])
    process = processes.Process(target=with_environment, args=(dict(os.environ), action, *arguments))
    # The server finds modules where this process does: in Python 3.11 it is not told.
    with mock.patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
        process.start()
    return process


def in_a_process(action: Callable[..., None], *arguments: Any) -> int:
    """Run a function of a module in a process of its own; gives its exit status."""
    process = a_process(action, *arguments)
    process.join()
    return process.exitcode


def with_environment(variables: dict[str, str], action: Callable[..., None], *arguments: Any) -> None:
    """Run a function as if these were the environment variables; the server of processes has those of its start."""
    os.environ.update(variables)
    action(*arguments)


class TinyRuns:
    """A folder with a warehouse and what is published from it. Set IPRE_PUBLISH_DIR to `published` first."""

    def __init__(self, folder: Path, warehouse: str = "ipre.duckdb") -> None:
        """folder: is made; warehouse: name of its file."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.published = folder, folder / "published"
        self.path = folder / warehouse
        self.connection = duckdb.connect(str(self.path), config={"threads": 1})
        self.number = 0

    def close(self) -> None:
        """Let others open the warehouse."""
        self.connection.close()

    def engine(self) -> DuckDB:
        """What a command would have: an engine of its own."""
        return DuckDB(self.connection, self.path, SimpleNamespace(stop=lambda: None, start=lambda *_: None))

    def begin(self, number: int = 0, name: str = "build", **changed: Any) -> tuple[DuckDB, Command]:
        """Begin a run and build its tables."""
        self.number = number or self.number + 1
        command, engine = a_command(name, self.number, **changed), self.engine()
        engine.open(command, facts(command))
        engine.prepare(command)
        number, run_id = self.number, command.run_id
        self.connection.execute("create schema if not exists build")
        for model in command.nodes.values():
            values = {"number": f"{number}", "run_id": f"'{run_id}'", "name": f"'Run {number}'"}
            row = ", ".join(f"{values[column]} as {column}" for column in model["columns"])
            self.connection.execute(f"create or replace table build.{model['name']} as select {row}")
        return engine, command

    def publish(self, number: int = 0, **changed: Any) -> str:
        """A whole run; gives its id."""
        engine, command = self.begin(number, **changed)
        engine.publish(command.tables)
        return command.run_id

    def roll_back(self, to: str = "", number: int = 0, **changed: Any) -> None:
        """Show readers an earlier run."""
        self.number = number or self.number + 1
        engine, command = self.engine(), a_command("run-operation", self.number, **changed)
        engine.open(command, facts(command) | {"command": "roll_back", "data_kind": None})
        engine.prepare(command)
        engine.roll_back(command.tables, to)

    def run(self) -> Run:
        """What the hooks of a command call."""
        return Run(self.engine())

    def opened(self, command: Command) -> Run:
        """The same for a command that has begun."""
        run = self.run()
        run.engine.open(command, facts(command))
        return run

    def rows(self, query: str) -> list[tuple]:
        """What the warehouse says."""
        return self.connection.cursor().execute(query).fetchall()

    def outcomes(self) -> list[tuple]:
        """How the runs ended."""
        return self.rows("select command, outcome from main.build_runs order by started_at")

    def seen(self) -> dict[str, Any]:
        """What readers see, wherever they look: it must be the same. Table -> rows."""
        tables = {}
        for name in ("final_recommendations", "changes", "build_runs", "build_run_rows"):
            order = "order by all"
            in_files = self.rows(f"from {read_parquet(self.published / f'{name}.parquet')} {order}")
            with duckdb.connect(str(self.published / "ipre_serving.duckdb"), read_only=True) as serving:
                assert serving.execute(f"from {name} {order}").fetchall() == in_files, name
            if name not in ("build_runs", "build_run_rows"):
                assert self.rows(f"from main.{name} {order}") == in_files, name
            tables[name] = in_files
        return tables

    def shown(self) -> int:
        """The number of the run whose lists readers see."""
        [(number, _)] = self.seen()["final_recommendations"]
        return number
