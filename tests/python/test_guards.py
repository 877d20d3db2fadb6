"""The generic tests fail on what they are there for, nulls included: a key that is null is none."""

import re

import duckdb
import jinja2
import pytest
from conftest import PROJECT


def sql_of(test: str, **arguments) -> str:
    """The SQL of a generic test, as dbt renders it."""
    text = (PROJECT / "tests" / "generic" / f"{test}.sql").read_text()
    text = re.sub(r"{% test (\w+)\(", r"{% macro \1(", text).replace("{% endtest %}", "{% endmacro %}")
    return getattr(jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text).module, test)(**arguments)


def failures(sql: str, **tables: list[dict]) -> list[dict]:
    """Rows that a data test finds in tables of these rows. Values are SQL."""
    with duckdb.connect() as connection:
        for name, rows in tables.items():
            selects = [", ".join(f"{value} as {column}" for column, value in row.items()) for row in rows]
            connection.execute(f"create table {name} as select {' union all select '.join(selects)}")
        return connection.execute(sql).df().to_dict("records")


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
def test_a_key_is_unique_and_not_null(rows, found):
    baskets = [{"customer_id": customer, "product_id": product} for customer, product in rows]
    sql = sql_of("is_unique_key", model="baskets", columns=["customer_id", "product_id"])
    assert len(failures(sql, baskets=baskets)) == found


RULES = {
    "confidence_is_a_share": "confidence > 0 and confidence <= 1",
    "silhouette_is_in_its_range": "silhouette is null or silhouette between -1 and 1",
    "price_is_not_negative": "price >= 0 and not isnan(price)",
}
FINE = {"confidence": "0.5::double", "silhouette": "null::double", "price": "0::double"}


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({}, None),
        ({"silhouette": "-1.0::double"}, None),
        ({"confidence": "1.5::double"}, "confidence_is_a_share"),
        ({"confidence": "'nan'::double"}, "confidence_is_a_share"),
        ({"confidence": "null::double"}, "confidence_is_a_share"),
        ({"silhouette": "-2.0::double"}, "silhouette_is_in_its_range"),
        ({"price": "'nan'::double"}, "price_is_not_negative"),
        ({"price": "-1::double", "silhouette": "9::double"}, "silhouette_is_in_its_range"),
    ],
)
def test_a_row_that_breaks_a_rule_is_found_with_the_first_rule_that_it_breaks(broken, rule):
    found = failures(sql_of("follows_rules", model="rows_of_it", rules=RULES), rows_of_it=[FINE, FINE | broken])
    assert [row["broken_rule"] for row in found] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("product", "may_be_null", "found"),
    [("'P1'", False, 0), ("'P9'", False, 1), ("null::varchar", False, 1), ("null::varchar", True, 0)],
)
def test_a_reference_leads_to_a_row_and_null_leads_nowhere(product, may_be_null, found):
    sql = sql_of("exists_in", model="baskets", column_name="product_id", to="products", field="product_id",
                 may_be_null=may_be_null)  # fmt: skip
    tables = {"baskets": [{"product_id": product}], "products": [{"product_id": "'P1'"}]}
    assert len(failures(sql, **tables)) == found


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
