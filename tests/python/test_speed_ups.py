"""What makes candidates fast changes no row.

The plain way, without short cuts, on hard cases: test_independent_recomputation.py. Here is what those do not meet.
"""

import duckdb

TABLES = ("comparison_groups", "product_numbers", "market_basket", "current_ratings", "popularity", "rules")
# A hundred customers, each alone in its cluster, who own product 1; a rule leads to each of ten popular others.
WORLD = """
    insert into build.comparison_groups by name
    select range as customer_number, 1 as group_step, range as cluster_number from range(1, 101);
    insert into build.market_basket by name
    select range as customer_number, 1 as product_number, range % 9 as days_since_last_purchase from range(1, 101);
    create table build.closed_pairs as
    select customer_number, product_number, 'owned' as why from build.market_basket;
    insert into build.product_numbers by name
    select range as product_number, range as aisle_number, true as may_be_shown from range(1, 12);
    insert into build.popularity by name
    select customer_number as group_number, range as product_number, 1 as group_step, range - 1 as position
    from build.comparison_groups cross join range(2, 12);
    insert into build.rules by name
    select
        customer_number as cluster_number, 1 as product_number_a, range as product_number_b,
        (range + customer_number % 7) / 23 as confidence, range / (37 + customer_number) as support
    from build.comparison_groups cross join range(2, 12)
"""


def test_rounding_hides_no_rule_that_just_reaches_the_last_place(demo_build):
    folder = demo_build.warehouse.parent / "target" / "compiled" / "ipre" / "models" / "ranking"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo_build.warehouse}' as demo (read_only); attach ':memory:' as ipre; use ipre")
        connection.execute("create schema build; create schema helpers")
        for table in TABLES:
            connection.execute(f"create table build.{table} as from demo.build.{table} limit 0")
        connection.execute(WORLD)
        connection.execute(f"create table helpers.score_floors as {(folder / 'score_floors.sql').read_text()}")
        candidates = (folder / "rule_candidates.sql").read_text()
        found = connection.execute(f"select customer_number, product_number from ({candidates}) order by all")
        # With confidence and support grows the score.
        assert found.fetchall() == [(customer, product) for customer in range(1, 101) for product in range(7, 12)]
