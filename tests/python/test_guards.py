"""The generic tests fail on what they are there for, nulls included: a key that is null is none."""

from pathlib import Path

import duckdb
import pytest


@pytest.fixture(scope="module")
def compiled(demo_build):
    """The SQL of a data test, by its name, as dbt runs it."""
    folder = demo_build.warehouse.parent / "target" / "compiled" / "ipre" / "models"
    files = {path.stem: path for path in Path(folder).glob("*/_*.yml/*.sql")}

    def sql(name: str) -> str:
        return files[name].read_text()

    return sql


def failures(sql: str, **tables: list[dict]) -> int:
    """Rows that a data test finds in tables of these rows. Values are SQL."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as ipre; use ipre; create schema build")
        for name, rows in tables.items():
            selects = [", ".join(f"{value} as {column}" for column, value in row.items()) for row in rows]
            connection.execute(f"create table build.{name} as select {' union all select '.join(selects)}")
        return len(connection.execute(sql).fetchall())


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("'C1'", "'P1'"), ("'C1'", "'P2'"), ("'C2'", "'P1'")], 0),
        ([("'C1'", "'P1'"), ("'C1'", "'P1'")], 1),
        ([("'C1'", "'P1'"), ("'C1'", "null::varchar")], 1),
        ([("null::varchar", "'P1'"), ("null::varchar", "null")], 2),
    ],
    ids=["a key", "a repeated key", "a null in a key", "nulls only once each"],
)
def test_a_key_is_unique_and_not_null(compiled, rows, found):
    baskets = [{"customer_id": customer, "product_id": product} for customer, product in rows]
    assert failures(compiled("market_basket__has_one_row_per_customer_and_product"), market_basket=baskets) == found


@pytest.mark.parametrize(
    ("value", "found"), [("0.5::double", 0), ("1.5::double", 1), ("'nan'::double", 1), ("null::double", 1)]
)
def test_a_value_in_a_range_is_there_and_in_it(compiled, value, found):
    rows = [{"confidence": value}]
    assert failures(compiled("associations__confidence_is_between_0_and_1"), associations=rows) == found


@pytest.mark.parametrize(("value", "found"), [("0.5::double", 0), ("null::double", 0), ("-2.0::double", 1)])
def test_null_is_in_range_only_where_it_has_a_meaning(compiled, value, found):
    rows = [{"silhouette": value}]
    assert failures(compiled("customer_clusters__silhouette_is_between_minus_1_and_1"), customer_clusters=rows) == found


@pytest.mark.parametrize(("product", "found"), [("'P1'", 0), ("'P9'", 1), ("null::varchar", 1)])
def test_a_reference_leads_to_a_row_and_null_leads_nowhere(compiled, product, found):
    sql = compiled("market_basket__every_product_is_known")
    tables = {"market_basket": [{"product_id": product}], "stg_products": [{"product_id": "'P1'"}]}
    assert failures(sql, **tables) == found


def test_every_key_column_of_a_public_table_is_not_null_by_contract(demo_build):
    """Told by the database itself, on the tables that the run built."""
    keys = {
        "associations": 4, "cluster_profiles": 3, "comparison_groups": 3, "current_ratings": 5, "customer_clusters": 3,
        "customer_numbers": 4, "final_recommendations": 3, "input_findings": 3, "purchases": 3, "market_basket": 2,
        "market_basket_by_category": 2, "popularity": 2, "product_numbers": 7, "recommendation_candidates": 2,
        "recommendation_metrics": 1, "recommendations": 3, "rejected_rows": 2, "stg_customers": 1, "stg_feedback": 1,
        "stg_invoice_lines": 1, "stg_products": 2, "account_brief": 6, "lost_products": 7, "reorders_due": 6,
    }  # fmt: skip
    found = dict(
        demo_build.rows(
            "select table_name, count(*) from information_schema.columns "
            "where table_schema = 'build' and is_nullable = 'NO' group by 1"
        )
    )
    assert {name: found.get(name) for name in keys} == keys
