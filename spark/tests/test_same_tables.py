"""Spark publishes the tables that DuckDB publishes, row for row, in a session on this machine."""

import json
import re
from pathlib import Path

import pytest
from comparison import columns_of, count, differences
from conftest import MAKERS
from worlds import Build


@pytest.fixture(scope="module")
def on_spark(known, tmp_path_factory):
    """Return Spark's build of a distributor by its name."""
    made = {}

    def give(name):
        if name not in made:
            made[name] = Build(tmp_path_factory.mktemp(f"{name}_on_spark"), "local[2]").build(known(name).distributor)
        return made[name]

    return give


# What differs most from engine to engine; the rest is long by nature.
NAMES = [name if name == "hard_cases" else pytest.param(name, marks=pytest.mark.slow) for name in MAKERS]


@pytest.mark.parametrize("name", NAMES)
def test_spark_publishes_what_duckdb_publishes(name, known, on_spark):
    tables = known(name).on_duckdb.tables
    assert len(tables.files) > 20
    assert sum(count(tables.rows(table)) for table in tables.files) > 1000
    assert differences(tables, on_spark(name).tables) == {}


def test_hard_cases_are_hard(known):
    tables = known("hard_cases").on_duckdb.tables
    assert columns_of(tables.files["rejected_rows"])["reason"] == "VARCHAR"
    assert count(tables.rows("rejected_rows")) > 20


def told(build, data, command, **settings):
    """What a command says that ends with an error of ipre's, and not of the engine's."""
    said = build.run(data, command, "--vars", json.dumps(settings), succeeds=False)
    assert "Traceback" not in said and "PARSE_SYNTAX_ERROR" not in said
    return said


def test_a_misspelt_parameter_is_told_before_anything_is_built(on_spark, known):
    said = told(on_spark("hard_cases"), known("hard_cases").distributor.data_for_spark, "run", min_suport=0.1)
    assert "ipre has no parameter 'min_suport'; did you mean 'min_support'?" in said
    assert not re.search("START (sql|python)", said)


def test_a_night_unlike_the_last_is_told_and_readers_see_what_they_saw(on_spark, known):
    build, distributor = on_spark("hard_cases"), known("hard_cases").distributor
    before = build.publications()
    (Path(distributor.data_for_spark) / "invoices" / "part-2.parquet").unlink()
    said = told(build, distributor.data_for_spark, "build", **distributor.nights[0])
    assert "Reason: unusual changes since the last published run: invoices_accepted went from " in said
    assert build.publications() == before
    assert differences(known("hard_cases").on_duckdb.tables, build.tables).keys() <= {"rejected_rows"}


@pytest.mark.slow
def test_unit_tests_hold_on_spark(on_spark, known):
    distributor = known("two_nights").distributor  # For which every model is built.
    settings = ["--vars", json.dumps(distributor.nights[-1])]
    said = on_spark("two_nights").run(distributor.data_for_spark, "test", "--select", "test_type:unit", *settings)
    assert re.search(r"PASS=[0-9]{2,} WARN=0 ERROR=0 SKIP=0", said)


@pytest.mark.slow
def test_a_roll_back_shows_the_lists_of_the_night_before(on_spark):
    build = on_spark("two_nights")
    first, second = build.publications()
    before = build.tables
    assert count(before.rows("recommendation_changes")) > 20
    build.run("demo", "run-operation", "roll_back")
    assert build.publications()[:2] == [first, second]
    tables = build.folder / "spark" / "tables"
    lists = [f"(select * from '{tables}/{name}.db/final_recommendations/*.parquet')" for name in build.publications()]
    assert count(f"{lists[0]} except all {lists[2]}") == 0
    assert count(f"{lists[1]} except all {lists[2]}") > 0
    assert count(before.rows("recommendation_changes")) == count(build.tables.rows("recommendation_changes"))
