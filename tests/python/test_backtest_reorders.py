"""How reorders are measured: ways of the literature as plain loops give them, and measures as a plain count does."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from ipre.backtest import reorders
from ipre.backtest.report import REORDERS, reorders_in_words

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


def test_a_forecast_is_judged_by_its_sum_its_errors_and_its_first_fifth():
    customers = pd.DataFrame(
        {"expected_value": [10.0, 0, 0, 0, 5], "usual_value": [3.0] * 5, "value": [8.0, 0, 2, 0, 0]}
    )
    found = {(row["method"], row["measure"]): row["value"] for row in reorders.forecasts(customers)}
    assert [found["expected_value", f"forecast_{measure}"] for measure in ("bias", "error", "top_fifth")] == [
        1.5,
        0.9,
        0.8,
    ]
    assert found["usual_value", "forecast_error"] == pytest.approx(1.5)


def test_every_way_is_measured_on_customers_who_bought_again(days, pairs, monkeypatch):
    outcomes = pairs.assign(
        reorder_chance=np.nan, expected_value=1.0, decayed_purchases=0.75, purchases=1, days_since_last_purchase=7,
        is_bought=pairs["is_bought"].astype(int), value=2.0 * pairs["is_bought"],
    )  # fmt: skip
    customers = pd.DataFrame({"customer_number": range(1, CUSTOMERS + 1), "expected_value": 1.0, "usual_value": 3})
    found = reorders.measures(outcomes.sample(frac=1, random_state=1), days, customers).set_index(["method", "measure"])
    again = pairs.loc[pairs["is_bought"], "customer_number"].nunique()
    assert (found.loc[(slice(None), "reorder_ndcg"), "customers"] == again).all()
    # Without chances their place is taken by the order that lists have then.
    assert found.loc[("chance", "reorder_ndcg"), "value"] == found.loc[("decayed_count", "reorder_ndcg"), "value"]
    assert found.loc[("expected_value", "forecast_bias"), "value"] == pytest.approx(
        CUSTOMERS / (2 * pairs["is_bought"].sum())
    )
    monkeypatch.setattr(reorders, "ASKED", 3)
    fewer = reorders.measures(outcomes, days, customers).set_index(["method", "measure"])
    assert fewer.loc[("tifu_knn", "reorder_recall"), "customers"] == 3
    assert len(reorders.measures(outcomes.assign(is_bought=0), days, customers)) == 0


def test_an_interval_is_the_median_of_three_purchase_days_at_least_a_week_apart():
    days = pd.DataFrame(
        [(1, 1, 0), (1, 1, 10), (1, 1, 40), (1, 2, 0), (1, 2, 9), (2, 1, 0), (2, 1, 1), (2, 1, 2)],
        columns=["customer_number", "product_number", "days_ago"],
    )
    pairs = days[["customer_number", "product_number"]].drop_duplicates()
    assert reorders.usual_intervals(pairs, days).tolist() == pytest.approx([20, np.nan, np.nan], nan_ok=True)


def test_with_nothing_bought_again_there_is_nothing_to_judge_and_it_says_so():
    assert "are not measured" in reorders_in_words([], [])


def test_the_words_name_every_way_and_every_window():
    day = "2024-04-10"
    metrics = [
        {"as_of_date": day, "measure": "reorder_ndcg", "method": method, "difference_to_chance": -0.1,
         **{f"{value}{end}": 0.5 for value in ("value", "difference_to_chance") for end in ("_low", "_high")},
         "value": 0.5}
        for method in REORDERS
    ] + [
        {"as_of_date": day, "measure": f"forecast_{measure}", "method": method, "value": 0.5}
        for measure in ("bias", "error", "top_fifth") for method in ("expected_value", "usual_value")
    ]  # fmt: skip
    tenth = {"as_of_date": day, "kind": "reorder", "predicted": 0.25, "found": 0.5, "holds": False}
    told = reorders_in_words(metrics, [tenth, {**tenth, "kind": "offer"}])
    for words in (
        "chance of a repeat",
        "TIFU-KNN",
        "UP-CF@r",
        f"as of {day}",
        "Expected value",
        "(0 of 1 hold): 25.0/50.0 %",
    ):
        assert words in told
