"""How reorders are measured: ways of the literature as plain loops give them, and measures as a plain count does."""

import itertools
import math

import duckdb
import numpy as np
import pandas as pd
import pytest

from ipre.backtest import reorders
from ipre.backtest.report import reorders_in_words

CUSTOMERS, PRODUCTS = 40, 15


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    """Purchase days: baskets of one to six products, of customers with one to thirty."""
    draw, rows = np.random.default_rng(8), []
    for customer in range(1, CUSTOMERS + 1):
        taste = draw.permutation(PRODUCTS)[:7]
        for ago in draw.choice(400, size=int(draw.integers(1, 31)), replace=False):
            rows += [
                (customer, product + 1, int(ago)) for product in draw.choice(taste, int(draw.integers(1, 7)), False)
            ]
    return pd.DataFrame(rows, columns=["customer_number", "product_number", "days_ago"])


@pytest.fixture(scope="module")
def pairs(days) -> pd.DataFrame:
    """What customers own, a third of it bought again; nothing of every fifth customer."""
    found = days[["customer_number", "product_number"]].drop_duplicates().sort_values(list(days)[:2], ignore_index=True)
    draw = np.random.default_rng(9)
    return found.assign(is_bought=(draw.random(len(found)) < 0.3) & (found["customer_number"] % 5 > 0))


def plain_baskets(days: pd.DataFrame) -> dict[int, list[set[int]]]:
    """Customer -> baskets, oldest first."""
    found = {}
    for customer, rows in days.groupby("customer_number"):
        dates = sorted(set(rows["days_ago"]), reverse=True)
        found[customer] = [set(rows.loc[rows["days_ago"] == date, "product_number"]) for date in dates]
    return found


def test_tifu_knn_is_that_of_plain_loops(days, pairs, monkeypatch):
    """Hu et al. 2020: groups of baskets, decayed twice, and the mean of the nearest customers."""
    monkeypatch.setattr(reorders, "NEIGHBORS", 6)
    vectors = {}
    for customer, baskets in plain_baskets(days).items():
        count = min(len(baskets), 7)
        sizes = sorted(len(part) for part in np.array_split(np.arange(len(baskets)), count))
        vector, left = np.zeros(PRODUCTS + 1), iter(baskets)
        for group, size in enumerate(sizes):
            part = list(itertools.islice(left, size))
            for place, basket in enumerate(part):
                for product in basket:
                    vector[product] += 0.7 ** (count - 1 - group) * 0.9 ** (size - 1 - place) / size / count
        vectors[customer] = vector
    expected = []
    asked = set(pairs.loc[pairs["is_bought"], "customer_number"])
    for customer, product in zip(pairs["customer_number"], pairs["product_number"], strict=True):
        others = sorted(
            (round(float(((vectors[customer] - vector) ** 2).sum() - (vectors[customer] ** 2).sum()), 9), other)
            for other, vector in vectors.items()
            if other != customer
        )
        near = np.mean([vectors[other][product] for _, other in others[:6]]) if customer in asked else 0
        expected.append(0.7 * vectors[customer][product] + 0.3 * near)
    np.testing.assert_allclose(reorders.tifu_knn(pairs, days), expected, rtol=1e-9)


def test_up_cf_is_that_of_plain_loops(days, pairs, monkeypatch):
    """Faggioli et al. 2020: popularity in recent baskets, of customers alike by an asymmetric cosine."""
    monkeypatch.setattr(reorders, "RECENT", 5)
    # A block of one customer at a time gives the same.
    monkeypatch.setattr(reorders, "BLOCK", CUSTOMERS)
    baskets = plain_baskets(days)
    owned = {customer: set().union(*parts) for customer, parts in baskets.items()}
    asked, expected = set(pairs.loc[pairs["is_bought"], "customer_number"]), []
    for customer, product in zip(pairs["customer_number"], pairs["product_number"], strict=True):
        score = 0.0
        for other, parts in baskets.items() if customer in asked else ():
            shared = len(owned[customer] & owned[other])
            alike = shared / (len(owned[customer]) ** 0.25 * len(owned[other]) ** 0.75)
            score += alike**10 * sum(product in part for part in parts[-5:]) / min(len(parts), 5)
        expected.append(score)
    np.testing.assert_allclose(reorders.up_cf(pairs, days), expected, rtol=1e-9)


def test_measures_are_those_of_a_plain_count(pairs):
    score = np.random.default_rng(4).integers(0, 4, len(pairs)).astype(float)
    found = reorders.customer_measures(pairs, score)
    for customer, rows in pairs.assign(score=score).groupby("customer_number"):
        bought = int(rows["is_bought"].sum())
        if not bought:
            assert customer not in found.index
            continue
        hits = rows.sort_values(["score", "product_number"], ascending=[False, True])["is_bought"].tolist()[:10]
        ideal = sum(1 / math.log2(place + 2) for place in range(min(bought, 10)))
        assert found.loc[customer].tolist() == pytest.approx(
            [
                sum(hit / math.log2(place + 2) for place, hit in enumerate(hits)) / ideal,
                float(any(hits)),
                sum(hits) / bought,
            ]
        )


def test_a_tenth_holds_within_a_fifth_or_within_its_interval():
    chance = np.repeat(np.arange(10) / 10 + 0.05, 1000)
    happened = np.concatenate([np.arange(1000) < 1000 * share for share in np.arange(10) / 10 + 0.05]).astype(float)
    happened[500:520] = 1  # 5 % said, 7 % happened
    found = reorders.tenths(chance, happened)
    assert found["holds"].tolist() == [False] + [True] * 9
    assert found["predicted"].tolist() == pytest.approx((np.arange(10) / 10 + 0.05).tolist())
    assert len(reorders.tenths(np.full(10, np.nan), np.zeros(10))) == 0


def test_a_forecast_is_judged_by_its_sum_its_errors_and_its_first_fifth():
    customers = pd.DataFrame(
        {"expected_value": [10.0, 0, 0, 0, 5], "usual_value": [3.0] * 5, "value": [8.0, 0, 2, 0, 0]}
    )
    [chances, usual] = reorders.forecasts(customers).to_dict("records")
    assert chances == {"forecast": "expected_value", "customers": 5, "bias": 1.5, "error": 0.9, "top_fifth": 0.8}
    assert usual["error"] == pytest.approx(1.5)


def warehouse(folder, later: int):
    """A build as of day 100 of two customers. Later: on how many days after it P1 was bought by C1."""
    path = folder / "ipre.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema build; create schema helpers;"
            "create table build.as_of as select date '2024-01-01' + 100 as as_of_date;"
            "create table build.customer_numbers as select 'C' || i as customer_id, i as customer_number "
            "from range(1, 3) as r(i);"
            "create table build.product_numbers as select 'P' || i as product_id, i as product_number, "
            "cast(2 as decimal(18, 6)) as unit_price from range(1, 3) as r(i);"
            "create table helpers.purchase_days as select c as customer_number, p as product_number, "
            "7 * p as days_ago from range(1, 3) as r(c), range(1, 3) as s(p);"
            "create table build.reorder_chances as select *, 0.5 / product_number as reorder_chance, 1.00 as "
            "expected_value, 0.75 as decayed_purchases, 1 as purchases, days_ago as days_since_last_purchase "
            "from helpers.purchase_days;"
            "create table helpers.buying_rhythms as select *, 1.0 as interval_ratio, 3 as purchases, "
            "7 as days_since_last_purchase from helpers.purchase_days where product_number = 2;"
            "create table build.account_brief as select customer_id, 2.00 as expected_value, 4.00 as usual_value "
            "from build.customer_numbers;"
            "create table build.stg_invoice_lines as select 'C1' as customer_id, 'P1' as product_id, 3 as quantity, "
            f"date '2024-01-01' + cast(100 + 28 * i as integer) as invoice_date from range({later + 1}) as r(i)"
        )
    return path


def test_what_was_bought_within_four_weeks_is_what_counts(tmp_path):
    found = reorders.measured(warehouse(tmp_path, later=2))
    methods = found["methods"].set_index(["method", "measure"])["value"]
    assert methods["chance", "ndcg"] == 1
    assert methods["rhythm", "ndcg"] == pytest.approx(1 / math.log2(3))
    assert methods["top_frequency", "recall"] == 1
    # 3 units at 2 came, on the 28th day; on the as-of date itself and on the 56th day nothing counts.
    assert found["forecasts"]["bias"].tolist() == pytest.approx([4 / 6, 8 / 6])
    assert found["tenths"]["pairs"].sum() == 4


def test_with_nothing_bought_again_there_is_nothing_to_judge_and_it_says_so(tmp_path):
    assert reorders.measured(warehouse(tmp_path, later=0)) is None
    assert "cannot be judged" in reorders_in_words({})


def test_the_words_name_every_way_and_every_window(tmp_path):
    found = reorders.measured(warehouse(tmp_path, later=1))
    told = reorders_in_words({name: table.assign(as_of_date="2024-04-10") for name, table in found.items()})
    for words in ("chance of a repeat", "TIFU-KNN", "UP-CF@r", "as of 2024-04-10", "Expected value", "of 10 hold"):
        assert words in told
