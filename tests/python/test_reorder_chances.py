"""Who buys again: nothing but the past is known, the fit is the same everywhere, and chances hold."""

import datetime
import math
import random
from collections import defaultdict
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import reorder_fit
from conftest import Build, dbt
from input_files import write_world

# A made-up distributor whose customers buy the same products again and again, each at a rate of its own.
CUSTOMERS, PRODUCTS, OWNED, DAYS = 400, 60, 9, 520
FIRST_DAY = datetime.date(2022, 1, 3)
AS_OF = FIRST_DAY + datetime.timedelta(days=480)
SPAN = datetime.timedelta(days=28)
CHANCES = ("run", "--select", "+reorder_chances")
KEY = ["cut_off", "customer_number", "product_number"]


def lines(seed: int = 3) -> list[tuple[int, int, int, datetime.date]]:
    """Invoice lines: customer, product, quantity, date; one in twelve comes back a day or so later."""
    draw, found = np.random.default_rng(seed), []
    for customer in range(CUSTOMERS):
        for product in draw.choice(PRODUCTS, size=OWNED, replace=False):
            rate, usual = draw.choice([1 / 12, 1 / 30, 1 / 60, 1 / 300]), int(draw.integers(1, 9))
            for day in np.flatnonzero(draw.random(DAYS) < rate):
                found.append((customer, product, usual + int(draw.integers(0, 3)), day))
                if draw.random() < 1 / 12:
                    found.append((customer, product, -int(draw.integers(1, 12)), day + int(draw.integers(0, 3))))
    return [(c, p, q, FIRST_DAY + datetime.timedelta(days=int(d))) for c, p, q, d in found]


def write(folder: Path, rows: list[tuple]) -> Path:
    """The world as input files; every seventh product has no price."""
    return write_world(
        folder,
        customers=[(f"{number:05}", f"Customer {number}", "North", "Painting") for number in range(CUSTOMERS)],
        products=[
            (f"P{n:02}", f"Product {n}", f"Department {n % 5}", f"Aisle {n % 10}", n / 8 if n % 7 else "")
            for n in range(PRODUCTS)
        ],
        invoices=[(f"{number}", f"{c:05}", f"P{p:02}", q, day) for number, (c, p, q, day) in enumerate(rows)],
    )


def built(folder, rows, **env) -> Build:
    build = dbt(folder / "build", *CHANCES, data_dir=write(folder / "data", rows),
                variables={"as_of_date": str(AS_OF)}, **env)  # fmt: skip
    assert build.success, build.messages
    return build


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Build:
    return built(tmp_path_factory.mktemp("repeats"), lines())


def frame(build: Build, query: str) -> pd.DataFrame:
    with duckdb.connect(str(build.warehouse), read_only=True) as connection:
        return connection.execute(query).df()


def what_was_known(day: datetime.date) -> pd.DataFrame:
    """Every pair bought up to a day and what was known of it then, in plain Python from the lines up to that day."""
    bought = defaultdict(int)
    for customer, product, quantity, date in lines():
        if date <= day:
            bought[customer + 1, product + 1, (day - date).days] += quantity
    pairs, orders, products = defaultdict(dict), defaultdict(set), defaultdict(list)
    for (customer, product, ago), quantity in bought.items():
        if quantity > 0:
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
        gap = (first - last) / (times - 1) if times > 1 else None
        order_gap = (
            (max(orders[customer]) - min(orders[customer])) / (len(orders[customer]) - 1)
            if len(orders[customer]) > 1
            else None
        )
        rows.append(
            {
                "customer_number": customer,
                "product_number": product,
                "purchases": times,
                "last_order_days": len(recent),
                "on_last_order_days": len(set(recent) & set(days)),
                "quantity_of_a_span": sum(days.values()) / len({ago // 28 for ago in days}),
                "days_since_last_purchase": last,
                "mean_gap": gap or 0,
                "days_in_gaps": last / max(gap or 0, 1),
                "halved_every_56_days": sum(0.5 ** (ago / 56) for ago in days),
                "halved_every_180_days": sum(0.5 ** (ago / 180) for ago in days),
                "order_days": len(orders[customer]),
                "days_since_last_order": min(orders[customer]),
                "days_in_order_gaps": min(orders[customer]) / max(order_gap or 0, 1),
                "days_since_first_order": max(orders[customer]),
                "buyers": len(buyers),
                "repeat_share": sum(count > 1 for count in buyers.values()) / len(buyers),
                "days_since_anybody_bought": min(products[product])[0],
                "sales_lately": sum(ago < 28 for ago, _ in products[product]),
                "sales_a_year_ago": sum(336 <= ago < 364 for ago, _ in products[product]),
            }
        )
    return pd.DataFrame(rows)


def bought_after(day: datetime.date) -> set[tuple[int, int]]:
    """Pairs with a purchase day in the four weeks after a day."""
    quantities = defaultdict(int)
    for customer, product, quantity, date in lines():
        quantities[customer + 1, product + 1, date] += quantity
    return {(c, p) for (c, p, date), quantity in quantities.items() if quantity > 0 and day < date <= day + SPAN}


PLAIN = ["purchases", "last_order_days", "on_last_order_days", "quantity_of_a_span"]


@pytest.mark.parametrize("cut_off", [0, 1, 2, 3])
def test_every_column_is_what_was_known_on_its_date_and_every_example_what_followed(world, cut_off):
    day = AS_OF - cut_off * SPAN
    found = frame(world, f"select * from helpers.reorder_columns where cut_off = {cut_off} order by all")
    expected = what_was_known(day).sort_values(KEY[1:], ignore_index=True)
    columns = [name for name in expected if name not in [*KEY, *PLAIN]]
    assert {name.removeprefix("log_") for name in found if name.startswith("log_")} == set(columns)
    assert len(found) > 3000
    for name in [*KEY[1:], *PLAIN]:
        np.testing.assert_allclose(found[name].astype(float), expected[name], rtol=1e-12, err_msg=name)
    for name in columns:
        np.testing.assert_allclose(found[f"log_{name}"], np.log1p(expected[name]), atol=1e-8, err_msg=name)
    if cut_off:
        again = bought_after(day)
        pairs = zip(found["customer_number"], found["product_number"], strict=True)
        assert found["is_bought"].tolist() == [int(pair in again) for pair in pairs]
    else:
        assert not found["is_bought"].any()


def test_neither_what_comes_later_nor_the_order_of_rows_nor_threads_change_a_chance(world, tmp_path):
    rows = [row for row in lines() if row[3] <= AS_OF]
    assert len(rows) < len(lines())
    random.Random(4).shuffle(rows)
    known = built(tmp_path, rows, IPRE_THREADS="1", IPRE_DUCKDB_THREADS="1")
    for table in ("reorder_weights", "reorder_chances"):
        query = f"select * from {table} order by all"
        assert len(world.rows(query)) > 30
        assert known.rows(query) == world.rows(query)


def test_a_chance_is_the_logistic_regression_of_its_columns_applied_by_hand(world):
    weights = dict(world.rows("select name, value from reorder_weights where part = 'weight'"))
    columns = frame(world, "select * from helpers.reorder_columns where cut_off = 0")
    prices = dict(world.rows("select product_number, unit_price from build.product_numbers"))
    found = {(c, p): rest for c, p, *rest in world.rows(
        "select customer_number, product_number, reorder_chance, expected_quantity, expected_value from reorder_chances"
    )}  # fmt: skip
    basket = world.rows("select customer_number, product_number from market_basket")
    assert found.keys() == set(basket)
    checked = 0
    for row in columns.to_dict("records"):
        pair = row["customer_number"], row["product_number"]
        if pair not in found:
            continue
        log_odds = weights["intercept"] + weights["season"]
        log_odds += sum(weights[name[4:]] * value for name, value in row.items() if name.startswith("log_"))
        chance, quantity, value = found[pair]
        assert chance == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1.1e-6)
        assert quantity == pytest.approx(chance * row["quantity_of_a_span"])
        price = prices[pair[1]]
        assert (value is None) == (price is None)
        assert price is None or float(value) == pytest.approx(round(quantity, 4) * float(price), abs=0.0051)
        checked += 1
    assert checked == len(basket)


def test_chances_hold_by_tenths_and_sum_up_to_what_was_bought(world):
    chances = world.rows("select reorder_chance, customer_number, product_number from reorder_chances order by all")
    again = bought_after(AS_OF)
    kept = np.array([(customer, product) in again for _, customer, product in chances], float)
    said = np.array([chance for chance, *_ in chances])
    assert said.sum() == pytest.approx(kept.sum(), rel=0.1)
    for tenth in np.array_split(np.arange(len(said)), 10):
        assert kept[tenth].mean() == pytest.approx(said[tenth].mean(), abs=0.12)


def test_the_season_is_how_much_more_each_known_customer_bought_a_year_before(world):
    spans, firsts = defaultdict(list), {}
    for customer, _, date in net_days():
        if date <= AS_OF:
            span = (AS_OF - date).days // 28
            spans[span].append(customer)
            firsts[customer] = max(span, firsts.get(customer, 0))
    rates = [
        sum(firsts[customer] > span for customer in spans[span]) / len(set(spans[span + 1])) for span in range(12, 16)
    ]
    [(season,)] = world.rows("select value from reorder_weights where part = 'weight' and name = 'season'")
    assert season != 0
    assert season == pytest.approx(math.log(rates[0] / (sum(rates[1:]) / 3)), abs=1e-8)


def net_days() -> list[tuple]:
    """Customer, product and date of every purchase day."""
    quantities = defaultdict(int)
    for customer, product, quantity, date in lines():
        quantities[customer, product, date] += quantity
    return [key for key, quantity in quantities.items() if quantity > 0]


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
