"""A night unlike the last is not published; an ordinary one is, and so is one that was changed on purpose."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

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
LATELY = str(datetime.now(UTC).date() - timedelta(days=2))
NIGHT = {"customers": CUSTOMERS, "products": PRODUCTS, "invoices": INVOICES, "feedback": FEEDBACK}


def write(folder: Path, **changed) -> Path:
    """The export of a night, with what is changed in it."""
    return write_files(folder, **{name: [HEADERS[name], *rows] for name, rows in {**NIGHT, **changed}.items()})


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
    # Two days of orders, new customers and a product, ratings, and a customer who went.
    gone, new = (
        CUSTOMERS[0][0],
        [["C900", "New Ltd", "Region 01", "Painting"], ["C901", "Newer", "Region 02", "Roofing"]],
    )
    ordinary = run(
        folder,
        customers=[*CUSTOMERS[1:], *new],
        products=[*PRODUCTS, ["P90", "New product", "Department 1", "Aisle"]],
        invoices=[row for row in INVOICES if row[1] != gone]
        + [line(row[0], 3, 100 + place % 2, 7) for place, row in enumerate([*new, *CUSTOMERS[1:60]])],
        feedback=[*FEEDBACK[1:], *[[f"C{number:03}", "P18", "High"] for number in range(1, 240, 4)]],
    )
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
