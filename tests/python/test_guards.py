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
        ([("'C1'", "'P1'"), ("'C1'", "'P1'")], 2),
        ([("'C1'", "'P1'"), ("'C1'", "null::varchar")], 1),
        ([("null::varchar", "'P1'"), ("null::varchar", "null")], 2),
    ],
    ids=["a key", "a repeated key", "a null in a key", "nulls only once each"],
)
def test_a_key_is_unique_and_not_null(rows, found):
    baskets = [{"customer_id": customer, "product_id": product} for customer, product in rows]
    keys = {"has_one_row_per_product": ["product_id || ''", "customer_id"], "has_a_number": ["number"]}
    sql = sql_of("follows_rules", model="baskets", keys=keys)
    baskets = [row | {"number": number} for number, row in enumerate(baskets)]
    assert [row["broken_rule"] for row in failures(sql, baskets=baskets)] == ["has_one_row_per_product"] * found


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
    sql = sql_of("follows_rules", model="rows_of_it", keys={}, rules=RULES)
    found = failures(sql, rows_of_it=[FINE, FINE | broken])
    assert [row["broken_rule"] for row in found] == ([rule] if rule else [])


def test_what_a_contract_calls_not_null_is_so_in_the_database(demo_build):
    """Told by the database itself, on the tables that the run built."""
    manifest = demo_build.manifest
    promised = {
        (node["alias"], column["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "table"
        for column in node["columns"].values()
        if {"not_null"} & {constraint["type"] for constraint in column["constraints"]}
    }
    found = demo_build.rows(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'build' and is_nullable = 'NO'"
    )
    assert promised <= set(found)
    assert {"final_recommendations", "market_basket", "associations"} <= {table for table, _ in promised}
