"""A night unlike the last is not published; an ordinary one is, and so is one that was changed on purpose."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import Build, dbt
from nights import INVOICES, ORDINARY, write
from test_publishing import BUILD, runs, seen

LATELY = str(datetime.now(UTC).date() - timedelta(days=2))


def run(folder: Path, variables: dict | None = None, **changed) -> Build:
    """The next night's build."""
    return dbt(folder / "build", *BUILD, data_dir=write(folder / "data", **changed), variables=variables)


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> SimpleNamespace:
    """Four nights of one warehouse: a first, a cut export, an ordinary one, and the cut export accepted."""
    folder = tmp_path_factory.mktemp("nights")
    first = run(folder)
    assert first.success, first.messages
    not_compared = first.rows("select distinct not_compared_because from run_comparison")
    before = seen(folder)
    cut = run(folder, {"accept_jump_on": LATELY}, invoices=INVOICES[::10])
    after_the_cut, log = seen(folder), runs(folder)[-1]
    ordinary = run(folder, **ORDINARY)
    assert ordinary.success, ordinary.messages
    judged = ordinary.rows(
        "select count(*) filter (where is_compared), count(*), count(distinct figure) from run_comparison"
    )
    newest = ordinary.rows("select previous_date, new_date, change, is_compared from run_comparison "
                           "where figure = 'newest_invoice_date'")  # fmt: skip
    accepted = run(folder, {"accept_jump_on": str(datetime.now(UTC).date())}, invoices=INVOICES[::10])
    assert accepted.success, accepted.messages
    jumps = accepted.rows("select figure, is_accepted from run_comparison where not is_within_limit")
    return SimpleNamespace(
        not_compared=not_compared, before=before, cut=cut, after_the_cut=after_the_cut, log=log, judged=judged,
        newest=newest, jumps=jumps,
    )  # fmt: skip


def test_nothing_is_compared_before_something_was_published(nights):
    assert nights.not_compared == [("nothing was published before",)]


def test_a_jump_stops_publication_and_is_told_with_what_the_figure_was_and_is(nights):
    """An export that was cut to a tenth, though a jump was accepted lately."""
    assert not nights.cut.success
    assert nights.after_the_cut == nights.before
    command, outcome, reason = nights.log
    assert (command, outcome) == ("build", "failed")
    assert reason.startswith("unlike the last published run, ") and "\n" not in reason
    assert "invoices_accepted went from 2,448 to 245 (-90.0 %), more than max_rows_lost (0.02) allows" in reason
    assert f"(it is {LATELY}, which counts on that day only)" in reason
    assert f"ipre: nothing was published, readers still see what they saw. Reason: {reason}" in nights.cut.messages


def test_an_ordinary_night_is_published(nights):
    """It is compared with the night that was published last, not with the one that was stopped."""
    assert nights.judged == [(10, 10, 10)]
    assert nights.newest == [(date(2024, 4, 9), date(2024, 4, 11), 2, True)]


def test_a_jump_that_is_accepted_today_is_published(nights):
    """What the SQL says of each figure is proven case by case (cases/run_comparison.yml)."""
    assert {name for name, _ in nights.jumps} >= {"invoices_accepted", "newest_invoice_date"}
    assert all(is_accepted for _, is_accepted in nights.jumps)
