"""What was shown and what came of it, through runs one after the other in one warehouse.

What each rule makes of hard cases: the unit tests of models/impact.
"""

import datetime
import hashlib
import itertools
import math
import random
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy
import pytest
from conftest import Build, built
from impact_world import CUSTOMERS, PRODUCTS, background, day, write

SHARE = Decimal("0.3")
# Every run is full of unusual changes here. One set of variables without and one with a hold-out: each is parsed once.
VARIABLES = {
    "adoption_window_days": 40, "accept_jump_on": str(datetime.datetime.now(datetime.UTC).date()),
    "min_customers_per_cluster": 20,
}  # fmt: skip
HOLDOUT = {**VARIABLES, "holdout_share": float(SHARE)}
LEDGER = """
    select customer_id, product_id, first_run_id, first_published_at, first_shown_on, first_source, first_triggered_by,
        first_rank, first_score, suggested_quantity, unit_price, best_rank, ended_at, ended_on, runs_shown, last_rank,
        last_run_id, last_shown_on
    from shown_ledger order by customer_id, product_id, first_shown_on
"""
OUTCOMES = (
    "bought_a_listed_product", "listed_products_bought", "value_of_listed_products", "new_products", "turnover",
)  # fmt: skip


@dataclass
class Publication:
    """What one run published: pair -> (source, trigger, rank, score, quantity)."""

    run_id: str
    started_at: datetime.datetime
    as_of: datetime.date
    lists: dict


def is_held_out(customer: str, salt: str = "ipre", share: Decimal = SHARE) -> bool:
    digits = hashlib.md5(f"{salt}:{customer}".encode()).hexdigest()[:8]
    return int(digits, 16) % 10_000 < 10_000 * share


def cents(value) -> float:
    return float(Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def wilson(part: int, whole: int) -> tuple[float, float]:
    """As in the textbooks."""
    share, z = part / whole, 1.96
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return middle - half, middle + half


def compared(shown: list[float], held_out: list[float]) -> list[float]:
    """Means, variances, the difference with its interval, and the smallest visible one."""
    difference = numpy.mean(shown) - numpy.mean(held_out)
    error = math.sqrt(numpy.var(shown, ddof=1) / len(shown) + numpy.var(held_out, ddof=1) / len(held_out))
    return [
        len(shown), len(held_out), numpy.mean(shown), numpy.mean(held_out), numpy.var(shown, ddof=1),
        numpy.var(held_out, ddof=1), difference, difference - 1.96 * error, difference + 1.96 * error, 2.8 * error,
    ]  # fmt: skip


def planted(lists: dict, draw: random.Random) -> list[list[str]]:
    """Of the customers with a list six in ten buy something on it, of those held out one in ten."""
    lines = []
    for customer in CUSTOMERS:
        products = sorted(product for who, product in lists if who == customer)
        if draw.random() < (0.1 if is_held_out(customer) else 0.6):
            # The last of the days are past the window.
            on = str(day(160 + draw.randrange(1, 48)))
            lines += [[f"X{len(lines)}", customer, draw.choice(products), "3", on]]
    return lines


class Runs:
    """Builds one after the other in one warehouse, and what each published."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lines = folder, background()
        draw = random.Random(5)
        self.ratings = [
            [draw.choice(CUSTOMERS), draw.choice(PRODUCTS), draw.choice(["High", "Medium", "Low"]), str(day(on))]
            for on in sorted(draw.randrange(20, 150) for _ in range(150))
        ]
        self.publications, self.held_out, self.ledgers = [], [], []

    def known(self, until: int) -> list[list[str]]:
        return [line for line in self.lines if line[4] <= str(day(until))]

    def build(self, until: int, variables: dict, command: str = "build") -> Build:
        data = write(self.folder / "data", self.known(until), self.ratings)
        return built(self.folder / "build", command, data_dir=data, variables=variables)

    def publish(self, until: int, variables: dict) -> Build:
        build = self.build(until, variables)
        ((run_id, started_at, as_of),) = build.rows(
            "select run_id, started_at, as_of_date from build_runs where outcome = 'published' "
            "order by started_at desc limit 1",
            "main",
        )

        def lists(table: str, schema: str) -> dict:
            rows = build.rows(
                "select customer_id, recommended_product, source, triggered_by, rank, score, suggested_quantity "
                f"from {table}",
                schema,
            )
            return {(customer, product): place for customer, product, *place in rows}

        self.publications.append(Publication(run_id, started_at, as_of, lists("final_recommendations", "main")))
        if "holdout_share" in variables:
            places = lists("held_out_recommendations", "build")
            self.held_out.append(Publication(run_id, started_at, as_of, places))
        self.ledgers.append(build.served(LEDGER))
        return build


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("impact")
    world = Runs(folder)
    world.publish(100, VARIABLES)
    # Once more for the same day: somebody has disliked what stood first.
    best = [pair for pair, position in world.publications[-1].lists.items() if position[2] == 1]
    disliked = [[*pair, "Low", str(day(100))] for pair in sorted(best)[:30]]
    world.ratings = sorted(world.ratings + disliked, key=lambda rating: rating[3])
    world.publish(100, VARIABLES)
    started = world.publish(160, HOLDOUT).copy(folder / "started")
    unpublished = world.build(175, HOLDOUT, "run").copy(folder / "unpublished")
    world.lines += planted(world.publications[-1].lists | world.held_out[-1].lists, random.Random(3))
    last = world.publish(215, HOLDOUT).copy(folder / "last")
    rolled_back = built(folder / "build", "run-operation", "roll_back", variables=HOLDOUT)
    return SimpleNamespace(**vars(world), started=started, unpublished=unpublished, last=last, rolled_back=rolled_back)


def test_the_ledger_after_every_publication_is_what_the_published_lists_say(runs):
    assert len(runs.publications) == 4
    first, days = {}, {}
    for publication, ledger in zip(runs.publications, runs.ledgers, strict=True):
        for pair, place in publication.lists.items():
            first.setdefault(pair, (publication.run_id, publication.started_at, publication.as_of, *place))
            days.setdefault(pair, set()).add(publication.as_of)
        begun, shown, listed = {}, {}, {}
        for *row, ended_on, runs_shown, last_rank, last_run_id, last_shown_on in ledger:
            pair = tuple(row[:2])
            begun.setdefault(pair, tuple(row[2:10]))
            shown[pair] = shown.get(pair, 0) + runs_shown
            if ended_on is None:
                listed[pair] = last_rank, last_run_id, last_shown_on
        assert begun == first
        assert shown == {pair: len(seen) for pair, seen in days.items()}
        now = publication.run_id, publication.as_of
        assert listed == {pair: (place[2], *now) for pair, place in publication.lists.items()}
    # What is to be proved right must take part: two builds of one day, of which the ledger counts one.
    assert runs.publications[0].as_of == runs.publications[1].as_of
    assert {row[-4] for row in ledger} == {1, 2, 3}
    assert any(row[-5] and row[-5] == row[-1] for row in ledger)
    assert len(first) < len(ledger)


def test_a_run_that_is_not_published_leaves_no_trace_and_a_roll_back_gives_back_the_ledger_before(runs):
    """That a run for an earlier day changes no ledger is a unit test of shown_ledger."""
    assert runs.unpublished.served(LEDGER) == runs.ledgers[2] != runs.unpublished.rows(LEDGER)
    assert {row[-2] for row in runs.ledgers[3]} <= {publication.run_id for publication in runs.publications}
    assert runs.ledgers[2] == runs.rolled_back.served(LEDGER)


def test_a_change_that_is_accepted_on_its_day_is_published(runs):
    unusual = "select bool_or(not is_within_limit), bool_and(is_accepted) from run_comparison"
    assert runs.last.rows(unusual) == [(True, True)]


def test_the_bounds_of_a_rate_are_wilsons(runs):
    rows = runs.last.served("select mature, adopted, rate, rate_low, rate_high from adoption_metrics where mature > 0")
    assert {0, 1} & {rate for _, _, rate, *_ in rows} and len(rows) > 10
    for whole, part, rate, low, high in rows:
        assert (rate, low, high) == pytest.approx((part / whole, *wilson(part, whole)), abs=1e-12)


def test_who_is_held_out_is_what_hashlib_says(runs):
    """Of 20,000 ids, in many scripts."""
    draw = random.Random(2)
    letters = "abcXYZ0189-_ äßéłŽжя語中😀𝔘'\"%:"
    ids = sorted({"".join(draw.choices(letters, k=draw.randrange(1, 12))) for _ in range(20_000)})
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as ipre; use ipre; create schema helpers")
        connection.execute(
            "create table helpers.judged_customers as select unnest(?) as customer_id, customer_id as counts_for, "
            "null as customer_name, null as account_manager, null as city, null as state, null as segment, "
            "null as region, null as end_use",
            [ids],
        )
        sql = runs.folder / "build" / "target" / "compiled" / "ipre" / "models" / "staging" / "customer_numbers.sql"
        drawn = connection.execute(f"select customer_id from ({sql.read_text()}) where is_held_out").fetchall()
        found = {customer for (customer,) in drawn}
    assert found == {customer for customer in ids if is_held_out(customer)}
    assert 0.28 < len(found) / len(ids) < 0.32


def test_a_held_out_list_is_in_nothing_that_people_see(runs):
    held_out = {customer for customer in CUSTOMERS if is_held_out(customer)}
    places = runs.held_out[0].lists
    assert {customer for customer, _ in places} == held_out and len(places) == 5 * len(held_out)
    serving = runs.started.published / "ipre_serving.duckdb"
    assert not list(runs.started.published.rglob("*held_out*"))
    with duckdb.connect(str(serving), read_only=True) as connection:
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        assert not [name for name in names if "held_out" in name]
        shown = connection.execute("select distinct customer_id from final_recommendations").fetchall()
        assert {customer for (customer,) in shown} == set(CUSTOMERS) - held_out
        ended = connection.execute(
            "select distinct ended_because from shown_ledger "
            "where customer_id in (select unnest(?)) and (ended_on is null or ended_on = ?)",
            [sorted(held_out), runs.publications[2].as_of],
        ).fetchall()
        assert ended == [("held out",)]
        # That a list went is told; what would be in it is not.
        told = connection.execute(
            "select distinct change, why from recommendation_changes where customer_id in (select unnest(?)) "
            "and run_id = ?",
            [sorted(held_out), runs.publications[2].run_id],
        ).fetchall()
        assert told == [("gone", "the settings or the version changed")]
    metrics = dict(runs.last.served("from recommendation_metrics"))
    assert metrics["customers_held_out"] == len(held_out)
    assert metrics["coverage"] == 1 and metrics["recommendations_per_customer"] == 5


def test_uplift_is_what_numpy_says_and_finds_the_planted_effect(runs):
    held_out_rows = {}
    for publication in runs.held_out[:2]:
        for customer, product in publication.lists:
            held_out_rows.setdefault((customer, product), publication.as_of)
    first_listed = (
        "select customer_id, product_id, min(first_listed_on), count(*) from held_out_pairs "
        "where run_id in (select run_id from main.build_runs where outcome = 'published') group by all order by all"
    )
    assert runs.last.rows(first_listed, "helpers") == [
        (*pair, shown, 1) for pair, shown in sorted(held_out_rows.items())
    ]
    # The run that was not published between them left rows that count for nobody.
    assert runs.last.rows("select count(*) from held_out_pairs", "helpers")[0][0] > len(held_out_rows)
    values = runs.last.rows(f"select period, is_held_out, {', '.join(OUTCOMES)} from uplift_values", "helpers")
    expected = {}
    for place, period in itertools.product(range(1, 1 + len(OUTCOMES)), ("before", "after")):
        groups = ([cents(row[1 + place]) for row in values if row[:2] == (period, is_out)] for is_out in (False, True))
        expected[place, period] = compared(*groups)
    rows = runs.last.served(
        "select place, period, shown_customers, held_out_customers, shown_mean, held_out_mean, shown_variance, "
        "held_out_variance, difference, difference_low, difference_high, smallest_visible_difference from uplift"
    )
    found = {(place, period): rest for place, period, *rest in rows}
    assert found.keys() == expected.keys()
    for key, rest in found.items():
        assert rest == pytest.approx(expected[key], rel=1e-9, abs=1e-9), key
    # bought_a_listed_product: there is a difference after the start and none before it.
    assert found[1, "after"][7] > 0
    assert found[1, "before"][7] < 0 < found[1, "before"][8]
