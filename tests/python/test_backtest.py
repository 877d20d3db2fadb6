"""A made-up world with a known structure: who understands it is ahead, and nobody sees the future.

Its products stand in chains: whoever buys one buys the next of its chain some weeks later. With the first of a chain,
customers used to buy its companions, which nobody sells any more: they are what similar customers bought, and never
what is bought next. Regulars buy a few staples again and again, each at a rate of its own.
"""

import datetime
import math
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import Build, built
from input_files import write_world
from plain_sentences import Sentences

from ipre.backtest import run as backtest

CHAINS, STEPS, COMPANIONS, NEWCOMERS = 24, 6, 3, 2_400
REGULARS, STAPLES = 250, 10
CUSTOMERS = NEWCOMERS + REGULARS
FIRST_DAY, DAYS, COMPANION_DAYS = datetime.date(2022, 1, 1), 700, 500
ENDS = [*(f"old{number}" for number in range(COMPANIONS)), *range(STEPS)]
AS_OF = FIRST_DAY + datetime.timedelta(days=600)
PRODUCTS = CHAINS * len(ENDS) + STAPLES

LEARNED = {"ranker": "learned", "as_of_date": str(AS_OF), "evaluation_days": 90, "never_recommend": ["C03-4"]}
LISTS = "select customer_id, rank, recommended_product, score, explanation from final_recommendations order by all"


# What a back-test needs, without what else a run makes.
MEASURED = ("run", "--select", "+backtest_metrics", "+final_recommendations")


def lines(seed: int = 5) -> list[tuple[int, str, datetime.date]]:
    """Invoice lines: customer, product, date."""
    draw, found = np.random.default_rng(seed), []
    for customer in range(NEWCOMERS):
        joined = int(draw.integers(0, DAYS - 20))
        for chain in draw.choice(CHAINS, size=3, replace=False):
            day = joined + int(draw.integers(0, 60))
            companions = COMPANIONS if day < COMPANION_DAYS else 0
            found += [(customer, f"C{chain:02}-old{number}", day) for number in range(companions)]
            for step in range(STEPS):
                found.append((customer, f"C{chain:02}-{step}", day))
                day += int(draw.integers(15, 45))
    for customer in range(NEWCOMERS, CUSTOMERS):
        for staple in draw.choice(STAPLES, size=5, replace=False):
            days = np.flatnonzero(draw.random(DAYS) < draw.choice([1 / 12, 1 / 30, 1 / 60]))
            found += [(customer, f"S{staple}", int(day)) for day in days]
    return [(c, p, FIRST_DAY + datetime.timedelta(days=d)) for c, p, d in found if d < DAYS]


def write(folder: Path, rows: list[tuple[int, str, datetime.date]]) -> Path:
    """The world as input files."""
    names = [f"C{chain:02}-{end}" for chain in range(CHAINS) for end in ENDS] + [f"S{n}" for n in range(STAPLES)]
    return write_world(
        folder,
        customers=[(f"{number:05}", f"Customer {number}", "North", "Painting") for number in range(CUSTOMERS)],
        products=[(name, f"Product {name}", f"Department {name[1]}", f"Aisle {name[1:3]}") for name in names],
        invoices=[(f"{number}", f"{c:05}", p, 1, day) for number, (c, p, day) in enumerate(rows)],
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Build:
    folder = tmp_path_factory.mktemp("world")
    return built(folder / "build", "build", data_dir=write(folder / "data", lines()), variables=LEARNED)


@pytest.fixture(scope="module")
def known(tmp_path_factory, world) -> Build:
    """After the world was published: only what is known on the day, in another order and with one thread."""
    folder = tmp_path_factory.mktemp("known")
    shutil.copytree(world.published, folder / "build" / "published", symlinks=True)
    rows = [row for row in lines() if row[2] <= AS_OF]
    random.Random(2).shuffle(rows)
    data, one = write(folder / "data", rows), {"IPRE_THREADS": "1", "IPRE_DUCKDB_THREADS": "1"}
    return built(folder / "build", *MEASURED, data_dir=data, variables=LEARNED, **one)


def ndcg(build: Build) -> dict[str, tuple[float, float, float]]:
    """Method -> NDCG, and both ends of the interval."""
    rows = build.rows("select method, value, value_low, value_high from backtest_metrics where measure = 'ndcg'")
    return {method: tuple(values) for method, *values in rows}


def random_ndcg(build: Build) -> float:
    """What lists drawn by lot reach: a place is a hit as often as what is bought next is among all open products."""
    later = build.rows(
        "select customer_number, count(*) from helpers.later_purchases where is_new group by customer_number"
    )
    owned = dict(build.rows("select customer_number, count(*) from market_basket group by customer_number"))
    gains = [1 / math.log2(place + 2) for place in range(5)]
    shares = [
        count / (PRODUCTS - owned[customer]) * sum(gains) / sum(gains[: min(5, count)]) for customer, count in later
    ]
    return sum(shares) / len(shares)


def test_learned_finds_what_is_bought_next_formula_less_and_a_lot_nearly_nothing(world):
    found = ndcg(world)
    assert found["learned"][0] > 0.6
    assert found["learned"][1] > found["formula"][2]
    assert found["formula"][1] > 3 * random_ndcg(world)


def test_learned_does_not_show_what_is_no_longer_sold(world):
    shown = dict(
        world.rows(
            "select recommended_product like '%-old%' as is_old, count(*) from final_recommendations "
            "where source = 'learned' and rank = 1 group by is_old"
        )
    )
    by_formula = world.rows(
        "select count(*) from list_positions join product_numbers using (product_number) "
        "where list_name = 'formula' and rank = 1 and product_id like '%-old%'"
    )
    assert shown.get(True, 0) < 0.1 * by_formula[0][0]


def test_neither_what_comes_later_nor_the_order_of_rows_nor_threads_change_a_list_or_a_chance(world, known):
    """Of the lists of other methods: test_ranker.py."""
    expected = world.rows(LISTS)
    assert len(expected) == 5 * CUSTOMERS
    assert known.rows(LISTS) == expected
    for table in ("reorder_weights", "reorder_chances"):
        query = f"select * from {table} order by all"
        assert len(world.rows(query)) > 30
        assert known.rows(query) == world.rows(query)


def test_with_nothing_later_nothing_is_computed_and_what_was_measured_before_stays(world, known):
    assert known.rows("select count(*) from helpers.peer_lists") == [(0,)]
    measured = "select * from backtest_metrics order by all"
    offers = "select count(*) from backtest_metrics where difference_to_formula is not null"
    assert world.rows(offers) == [(8 * 7,)]
    assert known.rows(measured) == world.rows(measured)


def test_every_list_keeps_the_promises_of_the_formulas(world):
    assert world.rows("select count(*) from final_recommendations where recommended_product = 'C03-4'") == [(0,)]
    sources = dict(world.rows("select source, count(*) from final_recommendations group by source"))
    assert sources["learned"] > 0.7 * sum(sources.values())
    assert sources["segment_popularity"] > 0
    best = "select max(score), min(score) from final_recommendations where source = 'learned' group by customer_id"
    assert {row[0] for row in world.rows(best)} == {1.0}
    # No product has a price.
    assert world.rows("select count(reorder_chance) > 0, count(expected_value) from reorder_chances") == [(True, 0)]
    assert world.rows(
        "select count(*) from final_recommendations where source = 'learned' "
        "and (purchase_chance is null or evidence is null)"
    ) == [(0,)]


def test_sentences_are_true_and_the_strongest_that_are(world):
    plain = Sentences(world.warehouse, never_recommend=LEARNED["never_recommend"])
    assert {row[3] for row in plain.rows} >= {"bought_together", "bought_lately", "popular"}
    assert plain.errors() == []
    assert plain.passed_over() == []


@pytest.mark.parametrize(("kind", "tolerance"), [("offer", 0.15), ("reorder", 0.1)])
def test_chances_are_calibrated_in_ten_groups(world, kind, tolerance):
    rows = world.rows(
        f"select tenth, places, predicted, found from backtest_calibration where kind = '{kind}' order by tenth", "main"
    )
    assert [row[0] for row in rows] == list(range(1, 11))
    predicted = sum(row[1] * row[2] for row in rows) / sum(row[1] for row in rows)
    found = sum(row[1] * row[3] for row in rows) / sum(row[1] for row in rows)
    assert predicted == pytest.approx(found, rel=tolerance)
    # This world is nearly certain of what comes next, and a logistic curve is smooth.
    for tenth, _, one, other in rows:
        assert one == pytest.approx(other, abs=0.12), tenth
    assert rows[-1][3] > 3 * rows[0][3]


def test_make_backtest_tells_who_is_ahead(world, tmp_path, monkeypatch, capsys):
    """With the world's build in the place of every build that it asks for."""
    asked = []

    def build(data, folder, settings, what, options):
        asked.append((folder.name, settings))
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(world.warehouse.parent)

    monkeypatch.setattr(backtest, "dbt", build)
    options = ["--data", str(world.data_dir), "--windows", "1", "--days", "90", "--results", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["ipre.backtest.run", *options])
    backtest.main()
    ((newest,),) = world.rows("select max(invoice_date) from stg_invoice_lines")
    day = str(newest - datetime.timedelta(days=90))
    assert asked == [("dates", {}), (day, {"ranker": "learned", "as_of_date": day, "evaluation_days": 90})]
    told = capsys.readouterr().out
    assert "learned: ahead of formula by " in told
    assert "clearly in 1 of 1 windows" in told
    results = tmp_path / "data"
    for name in ("backtest_metrics.parquet", "backtest_metrics.csv", "backtest_calibration.parquet", "backtest.svg"):
        assert (results / name).stat().st_size > 0


def test_make_backtest_says_what_is_wrong_in_one_line(tmp_path, monkeypatch):
    """With a program in the place of dbt that says what dbt says of a folder that is not there."""
    refusing = tmp_path / "dbt"
    refusing.write_text("#!/bin/sh\necho '12:00:00  ipre: there is no folder nowhere. Correct data_dir.'\nexit 2\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(backtest, "DBT", refusing)
    monkeypatch.setattr(sys, "argv", ["ipre.backtest.run", "--data", "nowhere", "--results", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        backtest.main()
    told = "ipre backtest: reading the dates failed: there is no folder nowhere. Correct data_dir. The full log is "
    assert str(stopped.value).startswith(told)
