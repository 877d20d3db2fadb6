"""A night unlike the last is not published; an ordinary one is, and so is one that was changed on purpose."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Build, dbt
from nights import CUSTOMERS, IN_REGION_07, INVOICES, NEWEST, PRODUCTS, RENAMED, write
from test_publishing import BUILD, runs, seen

LATELY = str(datetime.now(UTC).date() - timedelta(days=2))


@pytest.fixture
def night(three_nights, tmp_path) -> Path:
    """A folder with one published build, to be built again."""
    three_nights[0].copy(tmp_path / "build")
    return tmp_path


def run(night: Path, variables: dict | None = None, **changed) -> Build:
    """The next night's build."""
    return dbt(night / "build", *BUILD, data_dir=write(night / "data", **changed), variables=variables)


# Fault -> the export, the parameters given, and what is told of it.
FAULTS = {
    "an export cut to a tenth, though a jump was accepted lately": (
        {"invoices": INVOICES[::10]},
        {"accept_jump_on": LATELY},
        [
            "invoices_read went from 2,448 to 245 (-90.0 %), more than max_rows_lost (0.02) allows",
            f"(it is {LATELY}, which counts on that day only)",
        ],
    ),
    "an export that went back by a day": (
        {"invoices": [row for row in INVOICES if row[4] != NEWEST]},
        {},
        [f"newest_invoice_date went from {NEWEST} to 2024-04-08, more than max_days_back (0) allows"],
    ),
    "a region whose lines were forgotten": (
        {"invoices": [row for row in INVOICES if row[1] not in IN_REGION_07]},
        {},
        ["share_of_baskets_lost is 0.050 (12 of 240), more than max_baskets_lost (0.02) allows"],
    ),
    "a trade that is spelt anew for half of its customers, though parameters were changed, too": (
        {"customers": [[*row[:3], "Roofs"] if row[0] in RENAMED else row for row in CUSTOMERS]},
        {"min_support": 0.1},
        [
            "segments went from 40 to 60 (+50.0 %), more than max_segments_change (0.1) allows",
            "share_of_customers_in_another_segment is 0.250 (60 of 240)",
        ],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_jump_stops_publication_and_is_told_with_what_the_figure_was_and_is(night, fault):
    before = seen(night)
    changed, variables, words = FAULTS[fault]
    build = run(night, variables, **changed)
    assert not build.success
    assert seen(night) == before
    command, outcome, reason = runs(night)[-1]
    assert (command, outcome) == ("build", "failed")
    assert reason.startswith("unlike the last published run, ") and "\n" not in reason
    for told in words:
        assert told in reason
    assert f"ipre: nothing was published, readers still see what they saw. Reason: {reason}" in build.messages


def test_a_first_night_is_compared_with_nothing(three_nights):
    why = three_nights[0].rows("select distinct not_compared_because from run_comparison")
    assert why == [("nothing was published before",)]


def test_an_ordinary_night_is_published(three_nights):
    build = three_nights[1]
    judged = build.rows(
        "select count(*) filter (where is_compared), count(*), count(distinct figure) from run_comparison"
    )
    assert judged == [(24, 24, 24)]
    assert build.rows(
        "select previous_date, new_date, change from run_comparison where figure = 'newest_invoice_date'", "main"
    ) == [(date(2024, 4, 9), date(2024, 4, 11), 2)]


def test_a_jump_that_is_accepted_today_is_published_and_the_next_night_is_compared_with_it(night):
    accepted = run(night, {"accept_jump_on": str(datetime.now(UTC).date())}, invoices=INVOICES[::10])
    assert accepted.success, accepted.messages
    jumps = accepted.rows(
        "select count(*), bool_and(is_accepted) from run_comparison where not is_within_limit", "main"
    )
    assert jumps[0][0] > 3 and jumps[0][1]
    after = run(night, invoices=INVOICES[::10])
    assert after.success, after.messages
    assert after.rows(
        "select previous_value, value, is_compared, is_accepted from run_comparison where figure = 'invoices_read'",
        "main",
    ) == [(245, 245, True, False)]


def test_parameters_that_were_changed_on_purpose_are_no_jump(night):
    build = run(night, {"never_recommend": [row[0] for row in PRODUCTS[:14]]})
    assert build.success, build.messages
    [(value, reason)] = build.rows(
        "select value, not_compared_because from run_comparison where figure = 'share_of_places_changed'"
    )
    assert value > 0.2 and reason.startswith('never_recommend was [], is ["P00", ')
    compared = build.rows("select count(*) from run_comparison where is_compared and figure like 'invoice%'")
    assert compared == [(3,)]  # What was read, no parameter of the lists excuses.
