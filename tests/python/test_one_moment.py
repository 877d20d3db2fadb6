"""Warehouse, files and run log never disagree: publication and roll-back are stopped before every single step.

Each time a process of its own does the real thing on tiny tables, and is killed, or meets an error, there.
"""

import json
import os
import shutil
import sys
import uuid
from pathlib import Path

import pytest
from tiny_runs import TinyRuns, in_a_process

import ipre.run

PLUGIN = str(Path(ipre.run.__file__).parent)
# What changes something for readers, or comes next to it.
STEPS = {"publish", "roll_back", "change_over", "show_in_main", "finish_set", "show", "close", "tidy"}


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


def command(folder: str, number: int, action: str, place: list | None = None, how: str = "") -> None:
    """What one dbt command does of the project's, in this process; the lines of the steps stand in a file then."""
    tiny, stop = TinyRuns(Path(folder)), Stop(place, how)
    os.environ["IPRE_PUBLISH_DIR"] = str(tiny.published)
    if action == "build":
        engine, told = tiny.begin(number)
        sys.settrace(stop)
        engine.publish(told.tables)
    else:
        sys.settrace(stop)
        tiny.roll_back(number=number)
    sys.settrace(None)
    (tiny.folder / "lines.json").write_text(json.dumps(stop.lines))
    tiny.close()


def run(folder: Path, *arguments) -> int:
    """Run a command in a process of its own; gives its exit status."""
    return in_a_process(command, str(folder), *arguments)


def agreed(folder: Path) -> int:
    """The number of the run whose lists readers see, wherever they look."""
    tiny, published = TinyRuns(folder), folder / "published"
    number = tiny.shown()
    newest = "published_run_id is not null order by finished_at desc limit 1"
    runs = [
        tiny.rows(f"select run_id, published_run_id, outcome from {table} where {newest}")
        for table in ("main.build_runs", f"'{published}/build_runs.parquet'")
    ]
    tiny.close()
    csv = (published / "final_recommendations.csv").read_text(encoding="utf-8-sig").splitlines()
    assert csv[1].startswith(f"{number},") and runs[0] == runs[1]
    [(run_id, lists_of, outcome)] = runs[0]
    assert (published / "current").readlink().name.endswith(run_id)
    assert outcome == ("published" if run_id == lists_of else "rolled back")
    assert uuid.UUID(lists_of).int == number
    return number


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "two"
    folder.mkdir()
    assert run(folder, 1, "build") == run(folder, 2, "build") == 0
    assert agreed(folder) == 2
    return folder


def a_copy(folder: Path) -> Path:
    copy = folder.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    return shutil.copytree(folder, copy, symlinks=True)


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)], ids=["every third line", "every line"])
@pytest.mark.parametrize("how", ["kill", "fail"])
@pytest.mark.parametrize(("action", "before", "after"), [("build", 2, 3), ("roll_back", 2, 1)])
def test_wherever_a_command_stops_all_readers_see_the_same_lists(two_runs, action, before, after, how, every):
    """The lines of the change itself are all tried, of the others one in so many."""
    whole = a_copy(two_runs)
    assert run(whole, 3, action) == 0
    assert agreed(whole) == after
    places = json.loads((whole / "lines.json").read_text())
    assert len(places) > 40
    if how == "fail":  # Whatever fails deeper passes through these.
        places = [place for place in places if place[0] in ("publish", "roll_back", "change_over")]
    places = [
        place for number, place in enumerate(places) if number % every == 0 or place[0] in ("show", "change_over")
    ]
    found = []
    for number, place in enumerate(places):
        folder = a_copy(two_runs)
        status = run(folder, 3, action, place, how)
        assert status == 9 or how == "fail", place
        found.append(agreed(folder))
        if number % 10 == 0 or (how == "kill" and len(set(found[-2:])) == 2):
            assert run(folder, 4, "build") == 0, place
            assert agreed(folder) == 4, place
    # There is one step: before it everything is as it was, behind it everything is new.
    assert set(found) == {before, after}
    assert found == sorted(found, reverse=before > after)
