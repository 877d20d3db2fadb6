"""A long build says how far it is; a short one does not."""

import io
import re
import time
from types import SimpleNamespace

import duckdb
import pytest
from dbt_common.events.event_manager_client import get_event_manager

from ipre.run import progress

SAID = re.compile(r"ipre \d+:\d\d, (\d) of 6 stages: (.+)")


@pytest.fixture
def built(demo_build):
    """A connection to a warehouse in which every stage is built."""
    with duckdb.connect(str(demo_build.warehouse), read_only=True) as connection:
        yield connection


def event(kind: str, name: str, resource_type: str = "model") -> SimpleNamespace:
    """What dbt tells of a node."""
    node = SimpleNamespace(unique_id=name, node_name=name, resource_type=resource_type, node_status="success")
    return SimpleNamespace(info=SimpleNamespace(name=kind), data=SimpleNamespace(node_info=node))


def test_without_a_terminal_each_stage_says_once_what_it_found(built, said):
    one = progress.Progress()
    assert one.terminal is None
    one.start(built, progress.FROM_LINES, nodes=10)
    for name in ("kmeans_clusters", *progress.STAGES):
        one.hear(event("NodeStart", name))
        one.hear(event("NodeFinished", name))
    one.hear(event("NodeFinished", "associations", "test"))
    one.stop()
    stages = SAID.findall("\n".join(said))
    assert [stage.split(":")[0] for _, stage in stages] == [stage for stage, _ in progress.STAGES.values()]
    assert [number for number, _ in stages] == list("123456")
    rules = built.execute("select count(*) from build.associations").fetchall()[0][0]
    assert f"associations: {rules:,} rules" in "\n".join(said)
    assert one.hear not in get_event_manager().callbacks


def test_a_terminal_shows_what_runs_and_the_line_is_gone_at_the_end(built, monkeypatch):
    monkeypatch.setattr(progress, "MOVES_EVERY_SECONDS", 0.01)
    stream = io.StringIO()
    one = progress.Progress(terminal=stream)
    one.start(built, progress.FROM_LINES, nodes=10)
    one.note_cursor(built.cursor())
    one.hear(event("NodeStart", "kmeans_clusters"))
    time.sleep(0.1)
    one.hear(event("NodeFinished", "kmeans_clusters"))
    time.sleep(0.1)
    one.stop()
    shown = stream.getvalue()
    assert re.search(r"ipre 0:\d\d, 0 of 10 steps done, kmeans_clusters \(", shown)
    assert re.search(r"ipre 0:\d\d, 1 of 10 steps done, publishing", shown)
    assert max(len(line) for line in re.split(r"\x1b\[2K|\r", shown)) < 80
    assert shown.endswith("\x1b[2K")


def test_a_short_build_stays_as_it_is(built, said):
    stream = io.StringIO()
    one = progress.Progress(terminal=stream)
    one.start(built, progress.FROM_LINES - 1, nodes=10)
    one.note_cursor(built.cursor())
    one.stop()
    assert stream.getvalue() == "" and said == []
