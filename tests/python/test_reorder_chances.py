"""Who buys again: what is known of a pair on a date, in plain Python, and the fit.

That nothing of later days is known, and that chances hold: test_backtest.py.
"""

import datetime
import math
from collections import defaultdict

import duckdb
import numpy as np
import pandas as pd
import pytest
import reorder_fit
from conftest import Build

SPAN = datetime.timedelta(days=28)
KEY = ["cut_off", "customer_number", "product_number"]
PurchaseDays = dict[tuple[int, int, datetime.date], int]


@pytest.fixture(scope="module")
def purchase_days(demo_build) -> PurchaseDays:
    """Customer, product and date -> what was kept of that day, where something was; from the accepted lines."""
    rows = demo_build.rows(
        "select customer_number, product_number, invoice_date, sum(quantity) from stg_invoice_lines "
        "join customer_numbers using (customer_id) join product_numbers using (product_id) group by all"
    )
    return {tuple(day): float(quantity) for *day, quantity in rows if quantity > 0}


@pytest.fixture(scope="module")
def as_of(demo_build) -> datetime.date:
    [(day,)] = demo_build.rows("select as_of_date from as_of")
    return day


def frame(build: Build, query: str) -> pd.DataFrame:
    with duckdb.connect(str(build.warehouse), read_only=True) as connection:
        return connection.execute(query).df()


def what_was_known(purchase_days: PurchaseDays, day: datetime.date) -> pd.DataFrame:
    """Every pair bought up to a day and what was known of it then, in plain Python from the days up to that day."""
    pairs, orders, products = defaultdict(dict), defaultdict(set), defaultdict(list)
    for (customer, product, date), quantity in purchase_days.items():
        if (ago := (day - date).days) >= 0:
            pairs[customer, product][ago] = quantity
            orders[customer].add(ago)
            products[product].append((ago, customer))
    rows = []
    for (customer, product), days in pairs.items():
        recent = sorted(orders[customer])[:5]
        buyers = defaultdict(int)
        for _, buyer in products[product]:
            buyers[buyer] += 1
        first, last, times = max(days), min(days), len(days)
        gap = (first - last) / (times - 1) if times > 1 else 0
        oldest, newest, count = max(orders[customer]), min(orders[customer]), len(orders[customer])
        order_gap = (oldest - newest) / (count - 1) if count > 1 else 0
        rows.append(
            {
                "customer_number": customer,
                "product_number": product,
                "purchases": times,
                "last_order_days": len(recent),
                "on_last_order_days": len(set(recent) & set(days)),
                "quantity_of_a_span": sum(days.values()) / len({ago // 28 for ago in days}),
                "days_since_last_purchase": last,
                "mean_gap": gap,
                "days_in_gaps": last / max(gap, 1),
                "halved_every_56_days": sum(0.5 ** (ago / 56) for ago in days),
                "halved_every_180_days": sum(0.5 ** (ago / 180) for ago in days),
                "order_days": count,
                "days_since_last_order": newest,
                "days_in_order_gaps": newest / max(order_gap, 1),
                "days_since_first_order": oldest,
                "buyers": len(buyers),
                "repeat_share": sum(count > 1 for count in buyers.values()) / len(buyers),
                "days_since_anybody_bought": min(products[product])[0],
                "sales_lately": sum(ago < 28 for ago, _ in products[product]),
                "sales_a_year_ago": sum(336 <= ago < 364 for ago, _ in products[product]),
            }
        )
    return pd.DataFrame(rows)


PLAIN = ["purchases", "last_order_days", "on_last_order_days", "quantity_of_a_span"]


@pytest.mark.parametrize("cut_off", [0, 1, 2, 3])
def test_every_column_is_what_was_known_on_its_date_and_every_example_what_followed(
    demo_build, purchase_days, as_of, cut_off
):
    day = as_of - cut_off * SPAN
    found = frame(demo_build, f"select * from helpers.reorder_columns where cut_off = {cut_off} order by all")
    expected = what_was_known(purchase_days, day).sort_values(KEY[1:], ignore_index=True)
    columns = [name for name in expected if name not in [*KEY, *PLAIN]]
    assert {name.removeprefix("log_") for name in found if name.startswith("log_")} == set(columns)
    assert len(found) > 3000
    for name in [*KEY[1:], *PLAIN]:
        np.testing.assert_allclose(found[name].astype(float), expected[name], rtol=1e-12, err_msg=name)
    for name in columns:
        np.testing.assert_allclose(found[f"log_{name}"], np.log1p(expected[name]), atol=1e-8, err_msg=name)
    if cut_off:
        again = {(customer, product) for customer, product, date in purchase_days if day < date <= day + SPAN}
        pairs = zip(found["customer_number"], found["product_number"], strict=True)
        assert found["is_bought"].tolist() == [int(pair in again) for pair in pairs]
    else:
        assert not found["is_bought"].any()


def test_a_chance_is_the_logistic_regression_of_its_columns_applied_by_hand(demo_build):
    weights = dict(demo_build.rows("select name, value from reorder_weights where part = 'weight'"))
    columns = frame(demo_build, "select * from helpers.reorder_columns where cut_off = 0")
    found = {(c, p): rest for c, p, *rest in demo_build.rows(
        "select customer_number, product_number, reorder_chance, expected_quantity, expected_value, "
        "cast(expected_quantity as decimal(18, 4)) * unit_price "
        "from reorder_chances join product_numbers using (product_number)"
    )}  # fmt: skip
    basket = demo_build.rows("select customer_number, product_number from market_basket")
    assert found.keys() == set(basket)
    checked = 0
    for row in columns.to_dict("records"):
        pair = row["customer_number"], row["product_number"]
        if pair not in found:
            continue
        log_odds = weights["intercept"] + weights["season"]
        log_odds += sum(weights[name[4:]] * value for name, value in row.items() if name.startswith("log_"))
        chance, quantity, value, worth = found[pair]
        assert chance == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1.1e-6)
        assert quantity == pytest.approx(chance * row["quantity_of_a_span"])
        assert float(value) == pytest.approx(float(worth), abs=0.0051)
        checked += 1
    assert checked == len(basket)


def test_the_season_is_how_much_more_each_known_customer_bought_a_year_before(demo_build, purchase_days, as_of):
    spans, firsts = defaultdict(list), {}
    for customer, _, date in purchase_days:
        span = (as_of - date).days // 28
        spans[span].append(customer)
        firsts[customer] = max(span, firsts.get(customer, 0))
    rates = [
        sum(firsts[customer] > span for customer in spans[span]) / len(set(spans[span + 1])) for span in range(12, 16)
    ]
    [(season,)] = demo_build.rows("select value from reorder_weights where part = 'weight' and name = 'season'")
    assert season != 0
    assert season == pytest.approx(math.log(rates[0] / (sum(rates[1:]) / 3)), abs=1e-8)


# --- The fit ---------------------------------------------------------------------------------------------------------


def examples(pairs: int = 9000, seed: int = 1) -> dict[str, np.ndarray]:
    """Pairs whose chance follows from two columns; a third never changes."""
    draw = np.random.default_rng(seed)
    often, silent = draw.gamma(1.0, size=pairs), draw.gamma(2.0, size=pairs)
    chance = 1 / (1 + np.exp(-(0.5 + 1.5 * often - 1.0 * silent)))
    return {
        "cut_off": np.arange(pairs) % 3 + 1,
        "customer_number": np.arange(pairs) % 700 + 1,
        "product_number": np.arange(pairs) // 700 + 1,
        "is_bought": (draw.random(pairs) < chance).astype(int),
        "log_often": often,
        "log_silent": silent,
        "log_never": np.zeros(pairs),
    }


def learned(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    return dict(zip(zip(rows["part"], rows["name"], strict=True), rows["value"], strict=True))


def test_the_fit_finds_what_the_pairs_follow_and_gives_a_dead_column_no_weight():
    found = learned(reorder_fit.fit(examples()))
    assert found["weight", "often"] == pytest.approx(1.5, rel=0.1)
    assert found["weight", "silent"] == pytest.approx(-1.0, rel=0.1)
    assert found["weight", "intercept"] == pytest.approx(0.5, abs=0.2)
    assert found["weight", "never"] == found["deviation", "never"] == 0
    assert found["count", "learned"] == 1


def test_the_order_of_the_rows_changes_no_weight():
    ordered = examples()
    mixed = np.random.default_rng(2).permutation(len(ordered["cut_off"]))
    shuffled = {name: values[mixed] for name, values in ordered.items()}
    pd.testing.assert_frame_equal(reorder_fit.fit(ordered), reorder_fit.fit(shuffled), check_exact=True)


@pytest.mark.parametrize("too_little", ["few repeats", "a short history", "nothing", "bought all"])
def test_with_too_little_to_learn_from_there_are_counts_and_no_weights(too_little):
    given = examples()
    if too_little == "few repeats":
        given["is_bought"][np.flatnonzero(given["is_bought"])[1999:]] = 0
    elif too_little == "a short history":
        given["cut_off"] = given["cut_off"] % 2 + 1
    elif too_little == "bought all":
        given["is_bought"][:] = 1
    else:
        given = {name: values[:0] for name, values in given.items()}
    found = learned(reorder_fit.fit(given))
    assert {part for part, _ in found} == {"count"}
    assert found["count", "learned"] == 0
    assert found["count", "examples"] == len(given["cut_off"])
