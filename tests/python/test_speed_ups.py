"""What makes candidates fast changes no row: the project's SQL against the plain formulation, on random worlds. That of
rules is in test_independent_recomputation.py.

The worlds hold what a short cut gets wrong: few different numbers, so that ties are everywhere, customers who own
nearly everything beside customers who own one product, clusters of two, and ratings on anything.
"""

import random

import duckdb
import pytest

PLACES = 5
WORLDS = 40


@pytest.fixture(scope="module")
def compiled(demo_build):
    """The project's SQL of a model, as dbt runs it with the default parameters."""
    folder = demo_build.warehouse.parent / "target" / "compiled" / "ipre" / "models"

    def sql(model: str) -> str:
        return (folder / f"{model}.sql").read_text()

    return sql


TABLES = {
    "customer_clusters": "customer_number int, cluster_number int",
    "comparison_groups": "customer_number int, group_step int, group_number int",
    "product_numbers": "product_id text, product_number int, aisle_number int, may_be_shown boolean",
    "market_basket": "customer_number int, product_number int, days_since_last_purchase bigint",
    "current_ratings": "customer_number int, product_number int",
    "closed_pairs": "customer_number int, product_number int, why text",
    "popularity": "group_number int, product_number int, group_step int, position bigint, buyers bigint, "
    "group_customers bigint",
    "rules": "cluster_number int, product_number_a int, product_number_b int, customers_with_both bigint, "
    "customers_with_a bigint, customers_with_b bigint, support double, confidence double",
}


def database(**tables: list[tuple]) -> duckdb.DuckDBPyConnection:
    """A database that answers to the names in the project's SQL."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("attach ':memory:' as ipre; use ipre; create schema build; create schema helpers")
    for table, columns in TABLES.items():
        connection.execute(f"create table build.{table} ({columns})")
        if tables[table]:
            # Python writes a tuple of texts and numbers as SQL does.
            connection.execute(f"insert into build.{table} values {', '.join(map(repr, tables[table]))}")
    return connection


def ranking_world(seed: int) -> duckdb.DuckDBPyConnection:
    """Baskets, clusters, rules and ratings; rules have mirrors and know nothing of the baskets."""
    draw = random.Random(seed)
    products = range(1, 1 + draw.choice([6, 12, 30]))
    customers, baskets, ratings, excluded, rules, popularity = [], [], [], [], [], []
    for cluster in range(1, 1 + draw.choice([1, 3])):
        for customer in range(100 * cluster, 100 * cluster + draw.choice([2, 8])):
            customers.append((customer, cluster))
            owned = draw.sample(products, draw.choice([1, 2, 4, len(products) - 1, len(products)]))
            baskets += [(customer, product, draw.choice([0, 1, 1, 3])) for product in owned]
            if draw.random() < 0.5:
                rated = draw.choices(products, k=draw.choice([1, 3, len(products)]))
                ratings += [(customer, product) for product in rated]
            if customer % 3 == 0:
                excluded += [(customer, product) for product in products if (product + customer) % 4 == 0]
        density = draw.choice([0.1, 0.5, 1])
        for product in products:
            popularity.append((cluster, product, 1, product, 3, 4))
            for other in products[: product - 1]:
                if draw.random() < density:
                    support = draw.choice([0.125, 0.25, 0.5])
                    for a, b in ((product, other), (other, product)):
                        rules.append((cluster, a, b, 3, 4, 100 - b, support, draw.choice([0.25, 0.5, 0.75])))
    owned = {row[:2] for row in baskets} - set(excluded)
    return database(
        customer_clusters=customers,
        comparison_groups=[(customer, 1, cluster) for customer, cluster in customers],
        # The others are discontinued.
        product_numbers=[(f"P{product}", product, product % 3, product % 7 != 3) for product in products],
        market_basket=baskets,
        current_ratings=sorted(set(ratings)),
        closed_pairs=[(*pair, "excluded") for pair in excluded] + [(*pair, "owned") for pair in sorted(owned)],
        popularity=popularity,
        rules=rules,
    )


PLAIN_CANDIDATES = f"""
    with matches as (
        select baskets.customer_number, product_number_b, product_number_a, customers_with_both, customers_with_a,
            support, confidence, 1 / (1 + days_since_last_purchase) as recency,
            0.5 * confidence + 0.3 * support + 0.2 * (1 / (1 + days_since_last_purchase)) as score,
            exists (
                from build.current_ratings as ratings
                where ratings.customer_number = baskets.customer_number and product_number = product_number_b
            ) as is_rated
        from build.market_basket as baskets
        join build.customer_clusters as clusters using (customer_number)
        join build.rules as rules
            on rules.cluster_number = clusters.cluster_number and product_number_a = baskets.product_number
        where not exists (
            from build.market_basket as owned
            where owned.customer_number = baskets.customer_number and owned.product_number = product_number_b
        ) and product_number_b % 7 <> 3 and not exists (
            from build.closed_pairs as excluded
            where excluded.customer_number = baskets.customer_number and excluded.product_number = product_number_b
        )
    ),
    best as (
        from matches qualify row_number() over (
            partition by customer_number, product_number_b
            order by score desc, confidence desc, support desc, product_number_a
        ) = 1
    )
    select customer_number, product_number_b, product_number_a, customers_with_both, customers_with_a, score, support,
        confidence, recency
    from best
    qualify is_rated or row_number() over (
        partition by customer_number, is_rated order by score desc, confidence desc, support desc, product_number_b
    ) <= {PLACES}
"""


def test_candidates_are_those_of_all_rules_compared_without_short_cuts(compiled):
    candidates = floors = 0
    for seed in range(WORLDS):
        with ranking_world(seed) as world:
            world.execute(f"create table helpers.score_floors as {compiled('ranking/score_floors')}")
            [(some,)] = world.execute("select count(*) from helpers.score_floors where floor_score > 0").fetchall()
            floors += some
            found = world.execute(
                "select customer_number, product_number, trigger_number, supporting_customers, base_customers, score, "
                f"support, confidence, recency from ({compiled('ranking/rule_candidates')})"
            ).fetchall()
            assert sorted(found) == sorted(world.execute(PLAIN_CANDIDATES).fetchall()), f"seed {seed}"
            candidates += len(found)
    assert candidates > 10 * WORLDS
    assert floors > WORLDS
