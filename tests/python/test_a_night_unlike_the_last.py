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


def figure(build: Build, name: str, schema: str = "build") -> tuple:
    columns = "previous_value, value, previous_date, new_date, change, is_compared, is_accepted"
    ((*found,),) = build.rows(f"select {columns} from run_comparison where figure = '{name}'", schema)
    return tuple(found)


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> SimpleNamespace:
    """Five nights of one warehouse: a first, a cut export, an ordinary one, the cut export accepted, and once more."""
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
    newest = figure(ordinary, "newest_invoice_date")
    accepted = run(folder, {"accept_jump_on": str(datetime.now(UTC).date())}, invoices=INVOICES[::10])
    assert accepted.success, accepted.messages
    jumps = accepted.rows("select figure, is_accepted from run_comparison where not is_within_limit")
    once_more = run(folder, invoices=INVOICES[::10])
    assert once_more.success, once_more.messages
    return SimpleNamespace(
        not_compared=not_compared, before=before, cut=cut, after_the_cut=after_the_cut, log=log, judged=judged,
        newest=newest, jumps=jumps, invoices=figure(once_more, "invoices_accepted"),
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
    assert nights.judged == [(9, 9, 9)]
    assert nights.newest[2:6] == (date(2024, 4, 9), date(2024, 4, 11), 2, True)


def test_a_jump_that_is_accepted_today_is_published_and_the_next_night_is_compared_with_it(nights):
    """What the SQL says of each figure is proven case by case (cases/run_comparison.yml)."""
    assert {name for name, _ in nights.jumps} >= {"invoices_accepted", "newest_invoice_date"}
    assert all(is_accepted for _, is_accepted in nights.jumps)
    assert nights.invoices == (245, 245, None, None, 0, True, False)
