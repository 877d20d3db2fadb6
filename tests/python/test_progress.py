"""A long build says how far it is; a short one does not."""

import io
import re

import pytest
from conftest import dbt
from input_files import FEEDBACK, INVOICES, write_files

import ipre.run
from ipre.run import progress

SAID = re.compile(r"ipre \d+:\d\d, (\d) of 6 stages: (.+)")


@pytest.fixture
def long_builds(monkeypatch):
    """Builds of a few lines count as long."""
    monkeypatch.setattr(progress, "FROM_LINES", len(INVOICES) - 1)
    monkeypatch.setattr(progress, "MOVES_EVERY_SECONDS", 0.01)


@pytest.fixture
def terminal(monkeypatch, long_builds) -> io.StringIO:
    """What a person at a terminal gets."""
    stream = io.StringIO()
    monkeypatch.setattr(ipre.run, "Progress", lambda: progress.Progress(terminal=stream))
    return stream


def test_a_terminal_shows_what_runs_and_the_line_is_gone_at_the_end(terminal, tmp_path):
    build = dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path / "data"))
    assert build.success, build.messages
    shown = terminal.getvalue()
    assert re.search(r"ipre 0:\d\d, \d+ of \d+ steps done, kmeans_clusters \(", shown)
    assert max(len(line) for line in re.split(r"\x1b\[2K|\r", shown)) < 80
    assert shown.endswith("\x1b[2K")
    done, nodes = re.findall(r"(\d+) of (\d+) steps done", shown)[-1]
    assert int(done) <= int(nodes)


@pytest.mark.usefixtures("long_builds")
def test_without_a_terminal_each_stage_says_once_what_it_found(tmp_path, capfd):
    build = dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path / "data", feedback=FEEDBACK))
    assert build.success, build.messages
    stages = SAID.findall(build.messages)
    assert [stage.split(":")[0] for _, stage in stages] == [stage for stage, _ in progress.STAGES.values()]
    assert [number for number, _ in stages] == list("123456")
    rules = build.rows("select count(*) from associations")[0][0]
    assert f"associations: {rules} rules" in build.messages
    lines = build.rows("select count(*) from stg_invoice_lines")[0][0]
    assert f"staging: {lines} invoice lines of" in build.messages
    captured = capfd.readouterr()
    assert "steps done" not in captured.out + captured.err


def test_a_refused_build_takes_the_line_away_too(terminal, tmp_path):
    data = write_files(tmp_path / "data")
    assert not dbt(tmp_path / "build", "build", data_dir=data, variables={"max_rejected_share": 2}).success
    assert terminal.getvalue() == ""  # Refused before anything could run.
    assert not dbt(tmp_path / "build", "build", data_dir=data, variables={"as_of_date": "1999-01-01"}).success
    assert terminal.getvalue().endswith("\x1b[2K")


def test_a_short_build_stays_as_it_is(small_build):
    assert not SAID.search(small_build.messages)
