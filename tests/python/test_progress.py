"""A long build says how far it is; a short one does not."""

import io
import re

import ipre_runs
import pytest
from conftest import dbt
from input_files import FEEDBACK, INVOICES, write_files
from ipre_runs import progress

SAID = re.compile(r"ipre \d+:\d\d, (\d) of 6 stages: (.+)")


@pytest.fixture
def terminal(monkeypatch) -> io.StringIO:
    """What a person at a terminal would get, of builds of any size."""
    stream = io.StringIO()
    monkeypatch.setattr(ipre_runs, "Progress", lambda: progress.Progress(terminal=stream))
    monkeypatch.setattr(progress, "FROM_LINES", len(INVOICES) - 1)
    monkeypatch.setattr(progress, "MOVES_EVERY_SECONDS", 0.01)
    return stream


def test_a_long_build_says_after_each_stage_what_it_found(terminal, tmp_path):
    build = dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path / "data", feedback=FEEDBACK))
    assert build.success, build.messages
    stages = SAID.findall(build.messages)
    assert [stage.split(":")[0] for _, stage in stages] == [stage for stage, _ in progress.STAGES.values()]
    assert [number for number, _ in stages] == list("123456")
    rules = build.rows("select count(*) from associations")[0][0]
    assert f"associations: {rules} rules" in build.messages
    lines = build.rows("select count(*) from stg_invoice_lines")[0][0]
    assert f"staging: {lines} invoice lines of" in build.messages


def test_a_terminal_shows_what_runs_and_the_line_is_gone_at_the_end(terminal, tmp_path):
    assert dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path / "data")).success
    shown = terminal.getvalue()
    assert re.search(r"ipre 0:\d\d, \d+ of \d+ steps done, kmeans_clusters \(", shown)
    assert max(len(line) for line in re.split(r"\x1b\[2K|\r", shown)) < 80
    assert shown.endswith("\x1b[2K")
    done, nodes = re.findall(r"(\d+) of (\d+) steps done", shown)[-1]
    assert int(done) <= int(nodes)


def test_a_failed_build_takes_the_line_away_too(terminal, tmp_path):
    data = write_files(tmp_path / "data")
    assert not dbt(
        tmp_path / "build", "build", data_dir=data, variables={"max_rejected_share": 0, "never_recommend": 1}
    ).success
    assert terminal.getvalue() == ""  # Refused before anything could run.
    assert not dbt(tmp_path / "build", "build", data_dir=data, variables={"as_of_date": "1999-01-01"}).success
    assert terminal.getvalue().endswith("\x1b[2K")


def test_a_build_below_the_limit_and_one_without_a_terminal_stay_as_they_are(tmp_path, monkeypatch, capfd):
    build = dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path / "data"))
    assert build.success, build.messages
    assert not SAID.search(build.messages)
    monkeypatch.setattr(progress, "FROM_LINES", 1)
    assert dbt(tmp_path / "build", "build", data_dir=tmp_path / "data").success
    captured = capfd.readouterr()
    assert "steps done" not in captured.out + captured.err
