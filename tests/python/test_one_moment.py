"""Warehouse, files and run log never disagree: publication and roll-back are stopped before every single step.

Each time a process of its own does the real thing on tiny tables, and is killed, or meets an error, there.
"""

import json
import os
import shutil
import subprocess
import sys
import traceback
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

import ipre.run

PLUGIN = str(Path(ipre.run.__file__).parent)
# What changes something for readers, or comes next to it.
STEPS = {"publish", "roll_back", "change_over", "show_in_main", "finish_set", "show", "close", "tidy"}
LISTS = {"name": "lists", "schema": "build", "columns": {"night": "integer"}, "order_by": ["night"]}
CHANGES = {"name": "changes", "schema": "build", "columns": {"run_id": "varchar", "night": "integer"}, "kept": True}
TABLES = [{"name": "build_runs", "schema": "main", "comments": {"": "The log."}}, CHANGES, LISTS]
SETTINGS = {"csv_tables": ["lists"], "tables": TABLES, "publish_store": ""}


class Stop:
    """Stops this process before a line of a step, or notes which lines there are."""

    def __init__(self, place: list | None, how: str) -> None:
        self.place, self.how, self.lines = place, how, []

    def __call__(self, frame, event, _):
        code = frame.f_code
        if code.co_name not in STEPS or not code.co_filename.startswith(PLUGIN):
            return None
        here = [code.co_name, frame.f_lineno]
        if event == "line" and here not in self.lines:
            self.lines.append(here)
            if here == self.place and self.how == "kill":
                os._exit(9)
            if here == self.place:
                raise OSError("no such luck")
        return self


def command(night: str, number: int, action: str, place: list | None = None, how: str = "") -> None:
    """What one dbt command does of the plugin's, in this process; the lines of the steps stand in a file then."""
    night = Path(night)
    plugin = object.__new__(ipre.run.Plugin)
    plugin.creds = SimpleNamespace(path=str(night / "ipre.duckdb"))
    plugin.connection = duckdb.connect(plugin.creds.path, config={"threads": 1})
    plugin.run_log = ipre.run.RunLog(plugin.connection)
    plugin.progress = SimpleNamespace(stop=lambda: None)
    run_id, day = str(uuid.UUID(int=number)), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    run = {
        "run_id": run_id, "command": action, "dbt_version": "1", "parameters": {}, "data_kind": "own",
        "started_at": day, "publish_dir": str(night / "published"),
    }  # fmt: skip
    stop = Stop(place, how)
    if action != "roll_back":
        plugin.do_begin(**run, **SETTINGS)
        plugin.connection.execute(f"create or replace table build.lists as select {number} as night")
        plugin.connection.execute(
            f"create or replace table build.changes as select '{run_id}' as run_id, {number} as night"
        )
    if action == "build":
        sys.settrace(stop)
        plugin.publish(publish_dir=run["publish_dir"], keep_sets=3, keep_changes=30, **SETTINGS)
    elif action == "roll_back":
        sys.settrace(stop)
        plugin.do_roll_back(**run, **SETTINGS, to="")
    sys.settrace(None)
    (night / "lines.json").write_text(json.dumps(stop.lines))
    plugin.connection.close()


def serve() -> None:
    """Fork a process for every command on the standard input. Here nothing runs that a fork could break."""
    # DuckDB loads pandas when it first binds a value; loaded here, it is loaded once.
    import pandas as pd  # noqa: F401

    for line in sys.stdin:
        process = os.fork()
        if not process:
            try:
                command(*json.loads(line))
            except Exception:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


@pytest.fixture(scope="module")
def in_a_process():
    """Runs a command in a process of its own; gives its exit status."""
    code = f"import sys; sys.path[:0] = {sys.path!r}; import {__name__}; {__name__}.serve()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as server:

        def run(night: Path, *arguments) -> int:
            server.stdin.write(json.dumps([str(night), *arguments]) + "\n")
            server.stdin.flush()
            return int(server.stdout.readline())

        yield run
        server.stdin.close()


def agreed(night: Path) -> int:
    """The night whose lists readers see, wherever they look."""
    published = night / "published"
    serving = duckdb.connect(str(published / "ipre_serving.duckdb"), read_only=True)
    warehouse = duckdb.connect(str(night / "ipre.duckdb"), read_only=True)
    with serving, warehouse, duckdb.connect() as files:
        seen, runs = [], []
        shown = "where published_run_id is not null order by finished_at desc limit 1"
        for connection, table in ((serving, "main.{}"), (warehouse, "main.{}"), (files, f"'{published}/{{}}.parquet'")):
            lists = connection.execute(f"select night from {table.format('lists')}").fetchall()
            changes = connection.execute(f"select night from {table.format('changes')} order by night").fetchall()
            seen.append((lists, changes))
            runs += connection.execute(
                f"select run_id, published_run_id, outcome from {table.format('build_runs')} {shown}"
            ).fetchall()
    csv = (published / "lists.csv").read_text(encoding="utf-8-sig").split()
    assert seen[0] == seen[1] == seen[2] and csv == ["night", str(seen[0][0][0][0])]
    assert runs[0] == runs[1] == runs[2]
    run_id, lists_of, outcome = runs[0]
    assert (published / "current").readlink().name.endswith(run_id)
    assert outcome == ("published" if run_id == lists_of else "rolled back")
    assert uuid.UUID(lists_of).int == seen[0][0][0][0]
    return seen[0][0][0][0]


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory, in_a_process) -> Path:
    folder = tmp_path_factory.mktemp("nights") / "two"
    folder.mkdir()
    assert in_a_process(folder, 1, "build") == in_a_process(folder, 2, "build") == 0
    assert agreed(folder) == 2
    return folder


def a_copy(night: Path) -> Path:
    copy = night.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    return shutil.copytree(night, copy, symlinks=True)


@pytest.mark.parametrize("how", ["kill", "fail"])
@pytest.mark.parametrize(("action", "before", "after"), [("build", 2, 3), ("roll_back", 2, 1)])
def test_wherever_a_command_stops_all_readers_see_the_same_lists(two_nights, in_a_process, action, before, after, how):
    whole = a_copy(two_nights)
    assert in_a_process(whole, 3, action) == 0
    assert agreed(whole) == after
    places = json.loads((whole / "lines.json").read_text())
    assert len(places) > 40
    if how == "fail":  # Whatever fails deeper passes through these.
        places = [place for place in places if place[0] in ("publish", "roll_back", "change_over")]
    found = []
    for number, place in enumerate(places):
        night = a_copy(two_nights)
        status = in_a_process(night, 3, action, place, how)
        assert status == 9 or how == "fail", place
        found.append(agreed(night))
        if number % 10 == 0 or (how == "kill" and len(set(found[-2:])) == 2):
            assert in_a_process(night, 4, "build") == 0, place
            assert agreed(night) == 4, place
    # There is one step: before it everything is as it was, behind it everything is new.
    assert set(found) == {before, after}
    assert found == sorted(found, reverse=before > after)
