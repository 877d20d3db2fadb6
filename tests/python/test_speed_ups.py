"""What makes the heavy steps fast changes no row: the project's SQL against the plain formulation, on random worlds.

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


def database() -> duckdb.DuckDBPyConnection:
    """An empty database that answers to the names in the project's SQL."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("attach ':memory:' as ipre; use ipre; create schema build; create schema helpers")
    return connection


def fill(connection, table: str, columns: str, rows: list[tuple]) -> None:
    connection.execute(f"create table {table} ({columns})")
    if rows:
        # Python writes a tuple of texts and numbers as SQL does.
        connection.execute(f"insert into {table} values {', '.join(map(repr, rows))}")


def ranking_world(seed: int) -> duckdb.DuckDBPyConnection:
    """Baskets, clusters, rules and ratings; rules have mirrors and know nothing of the baskets."""
    draw = random.Random(seed)
    products = [f"P{number}" for number in range(draw.choice([6, 12, 30]))]
    customers, baskets, ratings, rules, popularity = [], [], [], [], []
    for cluster in range(draw.choice([1, 3])):
        members = [f"C{cluster}-{number}" for number in range(draw.choice([2, 8]))]
        for customer in members:
            customers.append((customer, "S", cluster, len(members)))
            owned = draw.sample(products, draw.choice([1, 2, 4, len(products) - 1, len(products)]))
            baskets += [(customer, product, draw.choice([0, 1, 1, 3])) for product in owned]
            if draw.random() < 0.5:
                rated = draw.choices(products, k=draw.choice([1, 3, len(products)]))
                ratings += [(customer, product, "High") for product in rated]
        density = draw.choice([0.1, 0.5, 1])
        for position, product in enumerate(products):
            popularity.append(("S", cluster, product, 1, position + 1))
            for other in products[:position]:
                if draw.random() < density:
                    support = draw.choice([0.125, 0.25, 0.5])
                    for a, b in ((product, other), (other, product)):
                        rules.append(("S", cluster, a, b, 3, 4, support, draw.choice([0.25, 0.5, 0.75])))
    connection = database()
    fill(
        connection,
        "build.customer_clusters",
        "customer_id text, segment text, cluster_id int, cluster_size int",
        customers,
    )
    fill(
        connection, "build.market_basket", "customer_id text, product_id text, days_since_last_purchase bigint", baskets
    )
    ratings = sorted(set(ratings))
    fill(connection, "build.current_ratings", "customer_id text, product_id text, rating text", ratings)
    fill(
        connection,
        "helpers.popularity",
        "segment text, cluster_id int, product_id text, ladder_step int, position bigint",
        popularity,
    )
    fill(
        connection,
        "build.associations",
        "segment text, cluster_id int, product_a text, product_b text, customers_with_both bigint, "
        "customers_with_a bigint, support double, confidence double",
        rules,
    )
    return connection


PLAIN_CANDIDATES = f"""
    with matches as (
        select basket.customer_id, product_b, product_a, customers_with_both, customers_with_a, support, confidence,
            coalesce(1.0 / (1 + days_since_last_purchase), 0.0) as recency,
            0.5 * confidence + 0.3 * support + 0.2 * coalesce(1.0 / (1 + days_since_last_purchase), 0.0) as score,
            exists (from build.current_ratings f where f.customer_id = basket.customer_id and f.product_id = product_b)
                as is_rated
        from build.market_basket as basket
        join build.customer_clusters as clusters using (customer_id)
        join build.associations as rules
            on rules.segment = clusters.segment and rules.cluster_id = clusters.cluster_id and product_a = product_id
        where not exists (
            from build.market_basket o where o.customer_id = basket.customer_id and o.product_id = product_b
        )
    ),
    best as (
        from matches qualify row_number() over (
            partition by customer_id, product_b order by score desc, confidence desc, support desc, product_a
        ) = 1
    )
    select customer_id, product_b, product_a, customers_with_both, customers_with_a, score, support, confidence, recency
    from best
    qualify is_rated or row_number() over (
        partition by customer_id, is_rated order by score desc, confidence desc, support desc, product_b
    ) <= {PLACES}
"""


@pytest.mark.parametrize("large_basket", [1, 50], ids=["floors for all", "floors for large baskets"])
def test_candidates_are_those_of_all_rules_compared_without_short_cuts(compiled, large_basket):
    candidates = floors = 0
    for seed in range(WORLDS):
        with ranking_world(seed) as world:
            floors_sql = compiled("ranking/score_floors")
            assert floors_sql.count("count(*) >= 50") == 1
            floors_sql = floors_sql.replace("count(*) >= 50", f"count(*) >= {large_basket}")
            world.execute(f"create table helpers.score_floors as {floors_sql}")
            floors += world.execute("select count(*) from helpers.score_floors").fetchall()[0][0]
            found = sorted(world.execute(compiled("ranking/rule_candidates")).fetchall())
            assert found == sorted(world.execute(PLAIN_CANDIDATES).fetchall()), f"seed {seed}"
            candidates += len(found)
    assert candidates > 10 * WORLDS
    assert (floors > WORLDS) == (large_basket == 1)


def basket_world(seed: int) -> duckdb.DuckDBPyConnection:
    """What customers of clusters of 1 to 70 own, some of them nearly everything."""
    draw = random.Random(seed)
    products, clusters, baskets = draw.choice([5, 20, 60]), [], []
    for cluster in range(draw.choice([1, 4])):
        size = draw.choice([1, 3, 20, 60, 70])
        for number in range(size):
            customer = f"{cluster}-{number}"
            clusters.append((customer, "S", cluster, size))
            wanted = draw.choice([1, 2, 3, products])
            baskets += [(customer, f"P{int(products * draw.random() ** 2)}") for _ in range(wanted)]
    connection = database()
    fill(
        connection,
        "build.customer_clusters",
        "customer_id text, segment text, cluster_id int, cluster_size int",
        clusters,
    )
    fill(connection, "build.market_basket", "customer_id text, product_id text", sorted(set(baskets)))
    return connection


PLAIN_RULES = """
    with items as (select * from build.market_basket join build.customer_clusters using (customer_id)),
    counts as (select cluster_id, product_id, count(*) as customers from items group by all)
    select cluster_id, a.product_id, b.product_id, any_value(counts_a.customers), any_value(counts_b.customers),
        count(*), any_value(a.cluster_size)
    from items a join items b using (customer_id, cluster_id)
    join counts as counts_a on counts_a.cluster_id = a.cluster_id and counts_a.product_id = a.product_id
    join counts as counts_b on counts_b.cluster_id = b.cluster_id and counts_b.product_id = b.product_id
    where a.product_id <> b.product_id
    group by cluster_id, a.product_id, b.product_id
    having count(*) / any_value(a.cluster_size) >= 0.05 and count(*) >= 3
"""


def test_rules_are_those_of_all_pairs_counted_without_short_cuts(compiled):
    rules = 0
    for seed in range(WORLDS):
        with basket_world(seed) as world:
            for model in ("cluster_items", "frequent_items", "pair_counts", "associations"):
                world.execute(f"create table helpers.{model} as {compiled(f'associations/{model}')}")
            found = world.execute(
                "select cluster_id, product_a, product_b, customers_with_a, customers_with_b, customers_with_both, "
                "cluster_size from helpers.associations"
            ).fetchall()
            assert sorted(found) == sorted(world.execute(PLAIN_RULES).fetchall()), f"seed {seed}"
            rules += len(found)
    assert rules > 10 * WORLDS
