"""A night unlike the last is not published; an ordinary one is, and so is one that was changed on purpose."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Build, dbt
from input_files import write_files
from test_publishing import BUILD, runs, seen

REGIONS = [f"Region {number:02}" for number in range(1, 21)]
TRADES = ["Painting", "Roofing"]
CUSTOMERS = [
    [f"C{number:03}", f"Customer {number}", REGIONS[number % 20], TRADES[number // 20 % 2]] for number in range(240)
]
PRODUCTS = [[f"P{number:02}", f"Product {number}", f"Department {number % 3}", "Aisle"] for number in range(20)]
START = date(2024, 1, 1)
FEEDBACK = [[f"C{number:03}", "P19", "Low"] for number in range(0, 240, 6)]
HEADERS = {
    "customers": ["customer_id", "customer_name", "region", "end_use"],
    "products": ["product_id", "product_name", "l2_category", "l3_category"],
    "invoices": ["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"],
    "feedback": ["customer_id", "product_id", "rating"],
}


def line(customer: str, number: int, day: int, quantity: int = 5) -> list[str]:
    """One invoice line: what customers of one trade buy, and something that only some of them do."""
    place = int(customer[1:])
    product = (10 * (place // 20 % 2) + number) if number < 6 else (place + 3 * number) % 20
    return [f"I{customer}{number}", customer, f"P{product:02}", str(quantity), str(START + timedelta(days=day))]


INVOICES = [
    line(row[0], number, (int(row[0][1:]) + 12 * number) % 100) for row in CUSTOMERS for number in range(10)
] + [[f"R{row[0]}", row[0], line(row[0], 0, 0)[2], "-1", "2024-04-09"] for row in CUSTOMERS[::5]]
NEWEST = "2024-04-09"
IN_REGION_07 = {row[0] for row in CUSTOMERS if row[2] == "Region 07"}
RENAMED = {row[0] for row in CUSTOMERS if row[3] == "Roofing" and int(row[0][1:]) // 40 % 2}
LATELY = str(datetime.now(UTC).date() - timedelta(days=2))
NIGHT = {"customers": CUSTOMERS, "products": PRODUCTS, "invoices": INVOICES, "feedback": FEEDBACK}


def write(folder: Path, **changed) -> Path:
    """The export of a night, with what is changed in it."""
    return write_files(folder, **{name: [HEADERS[name], *rows] for name, rows in {**NIGHT, **changed}.items()})


@pytest.fixture(scope="module")
def first_night(tmp_path_factory) -> Path:
    """A folder with data and one published build, to be copied."""
    folder = tmp_path_factory.mktemp("first")
    build = dbt(folder / "build", *BUILD, data_dir=write(folder / "data"))
    assert build.success, build.messages
    assert build.rows("select distinct not_compared_because from run_comparison") == [("nothing was published before",)]
    return folder


@pytest.fixture
def night(first_night) -> Path:
    """A copy of it: always the same folder, because dbt parses anew for every other path."""
    folder = first_night.parent / "second"
    (folder / "build").mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "build" / "published", ignore_errors=True)
    shutil.copytree(first_night / "build" / "published", folder / "build" / "published", symlinks=True)
    shutil.copy(first_night / "build" / "ipre.duckdb", folder / "build" / "ipre.duckdb")
    return folder


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


def test_an_ordinary_night_is_published(night):
    """Two days of orders, new customers and a product, ratings, and a customer who went."""
    gone, new = (
        CUSTOMERS[0][0],
        [["C900", "New Ltd", "Region 01", "Painting"], ["C901", "Newer", "Region 02", "Roofing"]],
    )
    invoices = [row for row in INVOICES if row[1] != gone]
    invoices += [line(row[0], 3, 100 + place % 2, 7) for place, row in enumerate([*new, *CUSTOMERS[1:60]])]
    build = run(
        night,
        customers=[*CUSTOMERS[1:], *new],
        products=[*PRODUCTS, ["P90", "New product", "Department 1", "Aisle"]],
        invoices=invoices,
        feedback=[*FEEDBACK[1:], *[[f"C{number:03}", "P18", "High"] for number in range(1, 240, 4)]],
    )
    assert build.success, build.messages
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
