"""What was shown and what came of it equals a recomputation in plain Python, night after night."""

import random
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from conftest import Build, dbt
from impact_recomputed import (
    WINDOW,
    Publication,
    Purchases,
    adoptions,
    calibration,
    compared,
    is_held_out,
    ledger,
    outcomes,
    wilson,
)  # fmt: skip
from impact_world import CUSTOMERS, PRICES, PRODUCTS, background, day, note_openings, write_world

# Every night is unlike the last here. One set of variables without and one with a hold-out: each is parsed once.
VARIABLES = {
    "adoption_window_days": WINDOW.days, "accept_jump_on": str(datetime.now(UTC).date()),
    "min_customers_per_cluster": 20,
}  # fmt: skip
HOLDOUT = {**VARIABLES, "holdout_share": 0.3}
LEDGER = [
    "first_run_id", "first_published_at", "first_source", "first_triggered_by", "first_rank", "first_score",
    "suggested_quantity", "unit_price", "runs_shown", "best_rank", "last_rank", "last_run_id", "last_shown_on",
    "ended_on", "ended_at",
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


class Nights:
    """Builds one after the other in one warehouse, and what each published."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lines, self.openings = folder, background(), []
        draw = random.Random(5)
        self.ratings = [
            [draw.choice(CUSTOMERS), draw.choice(PRODUCTS), draw.choice(["High", "Medium", "Low"]), str(day(on))]
            for on in sorted(draw.randrange(20, 150) for _ in range(150))
        ]
        self.publications, self.held_out, self.ledgers = [], [], []

    def known(self, until: int) -> list[list[str]]:
        return [line for line in self.lines if line[4] <= str(day(until))]

    def build(self, until: int, variables: dict, command: str = "build") -> Build:
        data = write_world(self.folder / "data", self.known(until), self.ratings)
        store = note_openings(self.folder / "ratings.sqlite", self.openings)
        build = dbt(self.folder / "build", command, data_dir=data, variables=variables, IPRE_RATINGS_URL=store)
        assert build.success, build.messages
        return build

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
        self.ledgers.append(ledger_of(build, "shown_ledger", "main"))
        return build


def ledger_of(build: Build, table: str, schema: str) -> dict:
    rows = build.rows(f"select customer_id, product_id, first_shown_on, {', '.join(LEDGER)} from {table}", schema)
    return {
        (customer, product, shown): dict(zip(LEDGER, rest, strict=True)) for customer, product, shown, *rest in rows
    }


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> SimpleNamespace:
    world = Nights(tmp_path_factory.mktemp("impact"))
    world.publish(100, VARIABLES)
    world.openings = [
        (customer, world.publications[0].run_id, "2026-01-01T09:00:00.000000Z") for customer in CUSTOMERS[:9]
    ]
    world.publish(130, VARIABLES)
    # Once more for the same day: somebody has disliked what stood first.
    best = [pair for pair, place in world.publications[-1].lists.items() if place[2] == 1]
    world.ratings += [[*pair, "Low", str(day(130))] for pair in sorted(best)[:30]]
    world.publish(130, VARIABLES)
    started = world.publish(160, HOLDOUT)
    files = {path.name: path for path in started.published.rglob("*")}
    before = ledger_of(started, "shown_ledger", "main")
    unpublished = world.build(175, HOLDOUT, "run")
    traces = ledger_of(unpublished, "shown_ledger", "build"), ledger_of(unpublished, "shown_ledger", "main")
    world.lines += planted(world.publications[-1].lists | world.held_out[-1].lists, random.Random(3))
    last = world.publish(215, HOLDOUT)
    tables = {
        table: last.rows(f"from {table}", "main")
        for table in ("adoption_metrics", "rating_calibration", "recommendation_metrics")
    }
    first_listed = (
        "select customer_id, product_id, min(first_listed_on), count(*) from held_out_pairs "
        "where run_id in (select run_id from main.build_runs where outcome = 'published') group by all order by all"
    )
    tables["uplift"] = last.rows(
        "select place, period, shown_customers, held_out_customers, shown_mean, held_out_mean, shown_variance, "
        "held_out_variance, difference, difference_low, difference_high, smallest_visible_difference from uplift",
        "main",
    )
    held_out_pairs = last.rows(first_listed, "helpers")
    left_by_all_runs = last.rows("select count(*) from held_out_pairs", "helpers")[0][0]
    adopted = last.rows(
        "select customer_id, product_id, is_mature, is_adopted, days_to_purchase, quantity, amount, rating, "
        "first_shown_on, first_bought_on, first_seen_on from adoptions",
        "main",
    )
    compiled = world.folder / "build" / "target" / "compiled" / "ipre" / "models" / "staging"
    drawn = (compiled / "customer_numbers.sql").read_text()
    looked_back = world.publish(130, HOLDOUT)
    held_out_after = looked_back.rows(first_listed, "helpers")
    rolled_back = dbt(world.folder / "build", "run-operation", "roll_back", variables=HOLDOUT)
    assert rolled_back.success, rolled_back.messages
    return SimpleNamespace(
        **vars(world), started=started, files=files, before=before, traces=traces, last=last, tables=tables,
        held_out_pairs=held_out_pairs, left_by_all_runs=left_by_all_runs, held_out_after=held_out_after,
        adopted=adopted, drawn=drawn, known=world.known(215), rolled_back=ledger_of(last, "shown_ledger", "main"),
    )  # fmt: skip


def test_the_ledger_after_every_publication_is_what_the_published_lists_say(nights):
    assert len(nights.publications) == 6
    for count in range(1, 7):
        expected = ledger(nights.publications[:count], PRICES)
        assert nights.ledgers[count - 1] == expected, f"after publication {count}"
    # What is to be proved right must take part.
    rows = nights.ledgers[4].values()
    assert {row["runs_shown"] for row in rows} == {1, 2, 3, 4}
    assert any(row["ended_on"] and row["ended_on"] == row["last_shown_on"] for row in rows)
    assert len({key[:2] for key in nights.ledgers[4]}) < len(nights.ledgers[4])


def test_a_second_build_of_a_day_counts_no_day_twice(nights):
    first, second = nights.ledgers[1:3]
    assert nights.publications[1].as_of == nights.publications[2].as_of
    assert nights.publications[1].lists != nights.publications[2].lists
    assert first.keys() < second.keys()
    on_both = [key for key, row in first.items() if row["last_shown_on"] == nights.publications[1].as_of]
    assert len(on_both) == len(nights.publications[1].lists)
    assert all(second[key]["runs_shown"] == first[key]["runs_shown"] for key in on_both)


def test_a_run_that_is_not_published_leaves_no_trace(nights):
    built, seen = nights.traces
    assert seen == nights.before != built
    assert not {row["last_run_id"] for row in nights.ledgers[4].values()} - {
        publication.run_id for publication in nights.publications
    }


def test_a_run_for_an_earlier_day_changes_no_ledger_and_a_roll_back_gives_back_the_earlier_one(nights):
    assert nights.ledgers[5] == nights.ledgers[4] == nights.rolled_back
    assert nights.held_out_after == nights.held_out_pairs


def test_a_spell_ends_for_the_reason_that_is_so(nights):
    names = "select customer_id, product_id, ended_because from shown_ledger where ended_on = (select max(ended_on) "
    ended = nights.last.rows(f"{names} from shown_ledger)", "main")
    baskets = set(nights.last.rows("select customer_id, product_id from market_basket", "main"))
    assert {reason for *_, reason in ended} >= {"bought", "outranked"}
    for customer, product, reason in ended:
        assert (reason == "bought") == ((customer, product) in baskets)
    reasons = dict(
        nights.last.rows(
            "select ended_because, count(*) from shown_ledger where ended_on is not null group by 1", "main"
        )
    )
    assert reasons["held out"] > 20 and reasons["rated"] > 5


def test_adoptions_are_what_the_invoices_say(nights):
    purchases = Purchases(nights.known, nights.publications[4].as_of)
    expected = adoptions(nights.ledgers[4], purchases, nights.ratings)
    assert {(row[0], row[1]): row[2:10] for row in nights.adopted} == expected
    kinds = {row[:2] for row in expected.values()}
    assert kinds == {(True, True), (True, False), (False, None)}
    assert len({row[5] for row in expected.values()}) == 4
    # Fewer than were shown: some had been bought before, and returned.
    assert len(expected) < len({key[:2] for key in nights.ledgers[4]})


def test_seen_is_what_stood_on_a_list_that_was_opened(nights):
    opened = {pair for pair in nights.publications[0].lists if pair[0] in CUSTOMERS[:9]}
    seen = {(row[0], row[1]) for row in nights.adopted if row[10]}
    assert seen == {(row[0], row[1]) for row in nights.adopted} & opened


def test_metrics_count_adoptions_and_their_bounds_are_wilsons(nights):
    rows = {(dimension, member): rest for dimension, member, *rest in nights.tables["adoption_metrics"]}
    mature = [row for row in nights.adopted if row[2]]
    adopted = sum(row[3] for row in mature)
    assert rows["all", "all"][:3] == [len(nights.adopted), len(mature), adopted]
    low = [row for row in mature if row[7] == "Low"]
    assert rows["rating", "Low"][1:3] == [len(low), sum(row[3] for row in low)]
    for dimension in {dimension for dimension, _ in rows}:
        parts = [rest for (of, _), rest in rows.items() if of == dimension]
        assert [sum(part[place] for part in parts) for place in range(3)] == rows["all", "all"][:3], dimension
    judged = [rest for rest in rows.values() if rest[1]]
    assert {0, 1} & {rest[3] for rest in judged} and len(judged) > 10
    for _, whole, part, rate, low, high in judged:
        assert (rate, low, high) == pytest.approx((part / whole, *wilson(part, whole)), abs=1e-12)


def test_ratings_are_judged_by_the_purchases_after_them(nights):
    purchases = Purchases(nights.known, nights.publications[4].as_of)
    found = {rating: tuple(numbers) for rating, *numbers in (row[:4] for row in nights.tables["rating_calibration"])}
    assert found == calibration(nights.ratings, purchases)
    assert all(mature > 10 for _, mature, _ in found.values())


def test_who_is_held_out_is_what_hashlib_says(nights):
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
        drawn = connection.execute(f"select customer_id from ({nights.drawn}) where is_held_out").fetchall()
        found = {customer for (customer,) in drawn}
    assert found == {customer for customer in ids if is_held_out(customer)}
    assert 0.28 < len(found) / len(ids) < 0.32


def test_a_held_out_list_is_in_nothing_that_people_see(nights):
    held_out = {customer for customer in CUSTOMERS if is_held_out(customer)}
    places = nights.held_out[0].lists
    assert {customer for customer, _ in places} == held_out and len(places) == 5 * len(held_out)
    serving = nights.started.published / "ipre_serving.duckdb"
    assert not [name for name in nights.files if "held_out" in name]
    with duckdb.connect(str(serving), read_only=True) as connection:
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        assert not [name for name in names if "held_out" in name]
        for name in ("final_recommendations", "recommendations"):
            shown = connection.execute(f"select distinct customer_id from {name}").fetchall()
            assert {customer for (customer,) in shown} == set(CUSTOMERS) - held_out
        ((open_spells,),) = connection.execute(
            "select count(*) from shown_ledger where ended_on is null and customer_id in (select unnest(?))",
            [sorted(held_out)],
        ).fetchall()
        assert open_spells == 0
        # That a list went is told; what would be in it is not.
        told = connection.execute(
            "select distinct change, why from recommendation_changes where customer_id in (select unnest(?)) "
            "and run_id = ?",
            [sorted(held_out), nights.publications[3].run_id],
        ).fetchall()
        assert told == [("gone", "the settings or the version changed")]
    metrics = dict(nights.tables["recommendation_metrics"])
    assert metrics["customers_held_out"] == len(held_out)
    assert metrics["coverage"] == 1 and metrics["recommendations_per_customer"] == 5


def test_uplift_is_what_numpy_says_and_finds_the_planted_effect(nights):
    start, end = nights.publications[3].as_of, nights.publications[4].as_of
    purchases = Purchases(nights.known, end)
    shown_rows = nights.ledgers[4]
    held_out_rows = {}
    for publication in nights.held_out[:2]:
        for customer, product in publication.lists:
            held_out_rows.setdefault((customer, product), publication.as_of)
    assert nights.held_out_pairs == [(*pair, shown, 1) for pair, shown in sorted(held_out_rows.items())]
    # The run that was not published between them left rows that count for nobody.
    assert nights.left_by_all_runs > len(held_out_rows)
    held_out_rows = {(*pair, shown): {"ended_on": None} for pair, shown in held_out_rows.items()}
    expected = {}
    for period, first, last in (("before", start - (end - start), start), ("after", start, end)):
        values = {True: [], False: []}
        for customer in CUSTOMERS:
            of = is_held_out(customer)
            rows = held_out_rows if of and period == "after" else shown_rows
            values[of].append(outcomes(customer, rows, purchases, PRICES, first, last))
        for place, columns in enumerate(
            zip(zip(*values[False], strict=True), zip(*values[True], strict=True), strict=True)
        ):
            expected[place + 1, period] = compared(*columns)
    found = {(place, period): rest for place, period, *rest in nights.tables["uplift"]}
    assert found.keys() == expected.keys()
    for key, rest in found.items():
        assert rest == pytest.approx(expected[key], rel=1e-9, abs=1e-9), key
    # bought_a_listed_product: there is a difference after the start and none before it.
    assert found[1, "after"][7] > 0
    assert found[1, "before"][7] < 0 < found[1, "before"][8]
