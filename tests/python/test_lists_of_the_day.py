"""The lists of the day: every row and column equals the definitions, and nobody is reminded of what cannot be had."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from conftest import dbt
from day_lists import DayLists
from input_files import write_files
from plain_purchases import cents
from plain_sentences import Sentences

NEVER = ("P00", "P11")


def regulars(folder):
    """A distributor whose customers come back: rhythms of every length, with pauses, returns and fractions; products
    that have no price or cost, are discontinued, out of stock or share a name; customers without an account manager or
    an order."""
    draw, last = random.Random(5), date(2024, 12, 31)
    tables = {
        "customers": [["customer_id", "customer_name", "region", "end_use", "account_manager"]],
        "products": [["product_id", "product_name", "l2_category", "l3_category", "unit_price", "active", "unit_cost",
                      "stock_on_hand"]],
        "invoices": [["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"]],
        "feedback": [["customer_id", "product_id", "rating"]],
    }  # fmt: skip
    tables["customers"] += [[f"C{n:02}", f"Firm {n}", "North", "Roofing", ["Kim", "Lee", ""][n % 3]] for n in range(60)]
    for n in range(40):
        price = ["", "0.335", "12.5", "3", "1e300"][n % 5] if n % 7 else "7"
        active = ["yes", "No", ""][n % 3] if n % 6 == 1 else "1"
        cost, stock = "" if n % 3 else "2.5", "0" if n % 9 == 4 else "-1" if n == 2 else ["", "12"][n % 2]
        tables["products"].append([f"P{n:02}", f"Part {n // 2}", f"L{n % 6}", f"A{n % 4}", price, active, cost, stock])
    for customer in range(57):
        for product in draw.sample(range(40), draw.randrange(1, 13)):
            day, step = last - timedelta(days=draw.randrange(0, 900)), draw.choice([5, 7, 10, 21, 45, 90])
            end = last - timedelta(days=draw.choice([0, 0, 30, 100, 200]))
            while day <= end:
                quantity = draw.choice(["1", "2", "4", "10", "0.5", "2.25"])
                invoice = f"I{customer}-{day}"
                tables["invoices"].append([invoice, f"C{customer:02}", f"P{product:02}", quantity, day])
                if draw.random() < 0.15:
                    tables["invoices"].append([f"R{invoice}", f"C{customer:02}", f"P{product:02}", "-1", day])
                day += timedelta(days=max(1, step + draw.randrange(-3, 4)))
        tables["feedback"].append([f"C{customer:02}", f"P{customer % 40:02}", "High"])
    return write_files(folder, **tables)


@pytest.fixture(scope="module")
def regulars_build(tmp_path_factory):
    """Built as far as the lists go."""
    folder = tmp_path_factory.mktemp("regulars")
    command = ("run", "--select", "+account_brief", "recommendations", "+associations")
    build = dbt(folder, *command, data_dir=regulars(folder / "data"), variables={"never_recommend": list(NEVER)})
    assert build.success, build.messages
    return build


@pytest.fixture(scope="module", params=["demo", "regulars"])
def world(request):
    """A finished build, and its lists in plain Python."""
    if request.param == "demo":
        build = request.getfixturevalue("demo_build")
        return build, DayLists(build.warehouse)
    build = request.getfixturevalue("regulars_build")
    return build, DayLists(build.warehouse, never_recommend=NEVER)


@pytest.mark.parametrize(
    ("table", "key"),
    [("reorders_due", "customer_id, rank"), ("lost_products", "customer_id, rank"), ("account_brief", "customer_id")],
)
def test_every_row_and_column_of_the_list_is_this(world, table, key):
    build, plain = world
    rows = build.rows(f"select * from {table} order by {key}")
    assert len(rows) > 20
    assert rows == getattr(plain, table)


def test_the_cases_that_lists_get_wrong_take_part(regulars_build):
    """Of so few customers nothing is learned: their pairs have no chance, and the order is that of purchase days."""

    def values(query):
        return {value for (value,) in regulars_build.rows(query)}

    assert values("select count(reorder_chance) from reorder_chances") == {0}
    assert values("select value from reorder_weights where name = 'learned'") == {0}
    assert values("select distinct kind from lost_products") == {"lost", "replaced"}
    assert values("select distinct suggested_value is null from reorders_due") == {True, False}
    assert values("select distinct sign(days_overdue) from reorders_due") == {-1, 0, 1}
    assert len(values("select distinct order_state from account_brief")) >= 4
    assert values("select max(white_space_count) > 0 from account_brief") == {True}
    assert values("select bool_or(usual_interval_days % 1 = 0.5) from reorders_due") == {True}
    assert values("select count(distinct account_manager) from account_brief where call_rank = 1") == {2}
    assert values("select count(*) from account_brief where call_rank = 1") == {3}


def test_a_recommendation_is_worth_its_quantity_times_its_price_and_nothing_is_made_up_without_one(regulars_build):
    rows = regulars_build.rows(
        "select suggested_value, suggested_quantity, unit_price from final_recommendations"
        " inner join stg_products on recommended_product = product_id"
    )
    # 1e300 is no price that anybody asks.
    priced = [row for row in rows if row[2] is not None and row[2] < 1e300]
    assert 0 < len(priced) < len(rows)
    assert all(value == cents(quantity * Decimal(repr(price))) for value, quantity, price in priced)
    assert [value for value, _, price in rows if price is None or price == 1e300] == [None] * (len(rows) - len(priced))


def test_what_is_said_of_every_recommendation_is_true_and_in_these_words(regulars_build):
    assert Sentences(regulars_build.warehouse, never_recommend=NEVER).errors() == []
