"""Spark publishes the tables that DuckDB publishes, row for row, of the demo and of a distributor of hard cases."""

from dataclasses import replace

import pytest
from worlds import World, columns, differing, write_hard_cases


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("demo"))
    world.build("warehouse")
    world.build("spark")
    return world


@pytest.fixture(scope="module")
def hard_cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hard_cases")
    write_hard_cases(folder / "data")
    variables = (
        "{ranker: learned, as_of_date: 2025-07-01, evaluation_days: 30, min_customers_per_cluster: 5, "
        "holdout_share: 0.1, max_per_l3_category: 2, max_rejected_share: 0.9, max_ambiguous_share: 1}"
    )
    world = World(folder, str(folder / "data" / "one_machine"), variables)
    world.build("warehouse")
    replace(world, data=str(folder / "data" / "many_machines")).build("spark")
    return world


def told(world: World) -> dict[str, tuple[int, int, int]]:
    """Give what differs: table -> rows, rows that only DuckDB has, rows that only Spark has."""
    assert world.tables_of_spark.keys() >= world.tables_of_duckdb.keys()
    counts = {name: differing(file, world.tables_of_spark[name]) for name, file in world.tables_of_duckdb.items()}
    assert sum(rows for rows, *_ in counts.values()) > 1000
    return {name: count for name, count in counts.items() if count[1:] != (0, 0)}


def test_the_demo_has_the_same_published_tables_on_spark(demo):
    assert len(demo.tables_of_duckdb) > 20
    assert told(demo) == {}


def test_a_distributor_of_hard_cases_has_the_same_published_tables_on_spark(hard_cases):
    assert told(hard_cases) == {}


def test_hard_cases_are_hard(hard_cases):
    rejected = hard_cases.tables_of_duckdb["rejected_rows"]
    assert columns(rejected)["reason"] == "VARCHAR"
    assert differing(rejected, rejected)[0] > 20
