"""Spark publishes the tables that DuckDB publishes, row for row, in a session on this machine."""

import json
import re

import pytest
from comparison import columns_of, count, differences
from conftest import MAKERS
from worlds import Build


@pytest.fixture(scope="module")
def on_spark(known, tmp_path_factory):
    """Give Spark's build of a distributor by its name."""
    made = {}

    def give(name):
        if name not in made:
            made[name] = Build(tmp_path_factory.mktemp(f"{name}_on_spark"), "local[2]").build(known(name).distributor)
        return made[name]

    return give


@pytest.mark.parametrize("name", MAKERS)
def test_spark_publishes_what_duckdb_publishes(name, known, on_spark):
    tables = known(name).on_duckdb.tables
    assert len(tables.files) > 20
    assert sum(count(tables.rows(table)) for table in tables.files) > 1000
    assert differences(tables, on_spark(name).tables) == {}


def test_hard_cases_are_hard(known):
    tables = known("hard_cases").on_duckdb.tables
    assert columns_of(tables.files["rejected_rows"])["reason"] == "VARCHAR"
    assert count(tables.rows("rejected_rows")) > 20
    assert count(tables.rows("recommendation_changes")) > 20


def test_unit_tests_hold_on_spark(on_spark, known):
    distributor = known("hard_cases").distributor  # The one for which every model is built.
    settings = ["--vars", json.dumps(distributor.nights[-1])]
    said = on_spark("hard_cases").run(distributor.data_for_spark, "test", "--select", "test_type:unit", *settings)
    assert re.search(r"PASS=[0-9]{2,} WARN=0 ERROR=0 SKIP=0", said)


def test_a_roll_back_shows_the_lists_of_the_night_before(on_spark):
    build = on_spark("hard_cases")
    first, second = build.publications()
    before = build.tables
    build.run("demo", "run-operation", "roll_back")
    assert build.publications()[:2] == [first, second]
    tables = build.folder / "spark" / "tables"
    lists = [f"(select * from '{tables}/{name}.db/final_recommendations/*.parquet')" for name in build.publications()]
    assert count(f"{lists[0]} except all {lists[2]}") == 0
    assert count(f"{lists[1]} except all {lists[2]}") > 0
    assert count(before.rows("recommendation_changes")) == count(build.tables.rows("recommendation_changes"))
