"""What run_comparison and recommendation_changes say of a run, case by case.

Their steps are ephemeral, which dbt's own unit tests do not see through. A case is data: what the inputs of a model
hold, and what the model makes of it. cases/<model>.yml has
- defaults: table -> what a column holds that a row does not name (without one: null),
- worlds: name -> rows that several cases share; in_every_case: those of cases that name none,
- groups: name -> values that a row of `expect` may name together; a row for one of them alone goes before,
- cases: the sentence that is proven -> about, vars, worlds, given (table -> rows), expect (rows, of which only the
  columns that they name are compared) or, of what changed in lists, `lists`: a row for each position with what it was
  and is (`was.rank`, `is.rank`) and the change that it is told as; without a change none is told.
Rows are written as CSV, an empty cell is null, or as column -> values. A table without rows is empty.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import built

FOLDER = Path(__file__).parent / "cases"
TABLE = re.compile(r'"ipre"\."(\w+)"\."(\w+)"')


@dataclass
class Case:
    """Rows of the inputs and of the model, complete."""

    variables: dict
    given: dict[str, list[dict]]
    expected: list[dict]


def rows(written: str | dict | list[dict]) -> list[dict]:
    if isinstance(written, list):
        return written
    if isinstance(written, dict):
        return [dict(zip(written, values, strict=True)) for values in zip(*written.values(), strict=True)]
    header, *lines = csv.reader(written.splitlines())
    return [dict(zip(header, (cell or None for cell in line), strict=True)) for line in lines]


def ungrouped(written: list[dict], groups: dict[str, list[str]]) -> list[dict]:
    """Rows that name a group, as one row for each of its values that no row names alone."""
    alone = {value for row in written for value in row.values()}
    found = []
    for row in written:
        column = next((name for name, value in row.items() if value in groups), None)
        values = [value for value in groups[row[column]] if value not in alone] if column else [None]
        found += [{**row, column: value} if column else row for value in values]
    return found


def of_lists(written: str) -> tuple[dict[str, list[dict]], list[dict]]:
    """The published and the current lists, and what is told of them."""
    given: dict[str, list[dict]] = {"published_recommendations": [], "final_recommendations": []}
    expected = []
    for row in rows(written):
        key = {"customer_id": row["who"], "recommended_product": row["product"]}
        for table, prefix, without in zip(given, ("was.", "is."), ("new", "gone"), strict=True):
            if row["change"] != without:
                values = {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}
                given[table].append(key | values)
        if row["change"]:
            expected.append(key | {"change": row["change"], "why": row["why"]})
    return given, expected


def load(model: str) -> dict[str, Case]:
    """The cases of a model by their names."""
    written = yaml.safe_load((FOLDER / f"{model}.yml").read_text())
    defaults = written.get("defaults", {})
    cases = {}
    for name, case in written["cases"].items():
        given: dict[str, list[dict]] = {}
        lists, expected = of_lists(case["lists"]) if "lists" in case else ({}, rows(case["expect"]))
        worlds = [written["worlds"][world] for world in case.get("worlds", written["in_every_case"])]
        for part in [*worlds, case.get("given", {}), lists]:
            for table, part_rows in part.items():
                given.setdefault(table, []).extend({**defaults.get(table, {}), **row} for row in rows(part_rows))
        expected = ungrouped(expected, written.get("groups", {}))
        cases[name] = Case(case.get("vars", {}), given, [{**defaults.get(model, {}), **row} for row in expected])
    return cases


def fill(connection: duckdb.DuckDBPyConnection, table: str, written: list[dict]) -> None:
    for row in written:
        marks = ", ".join("?" * len(row))
        values = [None if value is None else str(value) for value in row.values()]
        connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", values)


def differences(sql: str, case: Case, columns: dict[tuple[str, str], str]) -> dict[str, list[tuple]]:
    """What a model's SQL answers and should not, and the other way round. columns: those of (schema, table), as SQL."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as ipre; use ipre")
        inputs = {table: schema for schema, table in TABLE.findall(sql)}
        for table, schema in inputs.items():
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {schema}.{table} ({columns[schema, table]})")
        for table, given in case.given.items():
            fill(connection, f"{inputs[table]}.{table}", given)
        compared = ", ".join(case.expected[0]) if case.expected else "*"
        connection.execute(f"create table found as select {compared} from ({sql})")
        connection.execute("create table expected as select * from found limit 0")
        fill(connection, "expected", case.expected)
        return {
            "is answered and should not be": connection.execute("from found except all from expected").fetchall(),
            "should be answered and is not": connection.execute("from expected except all from found").fetchall(),
        }


CASES = {
    name: (model, case) for model in ("run_comparison", "recommendation_changes") for name, case in load(model).items()
}


@pytest.fixture(scope="module")
def columns(demo_build) -> dict[tuple[str, str], str]:
    """Columns of every table of the demo's warehouse, as SQL."""
    return {
        (schema, table): described
        for schema, table, described in demo_build.rows(
            "select table_schema, table_name, string_agg(column_name || ' ' || data_type, ', ') "
            "from information_schema.columns where table_catalog = 'ipre' group by all"
        )
    }


@pytest.fixture(scope="module")
def compiled(demo_build, tmp_path_factory):
    """A model's SQL as dbt compiles it with the defaults or, once, with the parameters of all cases that have some."""
    folders = {False: demo_build.warehouse.parent}

    def sql(model: str, with_parameters: bool) -> str:
        if with_parameters not in folders:
            folders[True] = tmp_path_factory.mktemp("compiled")
            variables = {name: value for _, case in CASES.values() for name, value in case.variables.items()}
            built(folders[True], "compile", "--select", "package:ipre,monitoring", variables=variables)
        folder = folders[with_parameters] / "target" / "compiled" / "ipre" / "models" / "monitoring"
        return (folder / f"{model}.sql").read_text()

    return sql


@pytest.mark.parametrize("name", CASES)
def test_case(name, compiled, columns):
    model, case = CASES[name]
    found = differences(compiled(model, bool(case.variables)), case, columns)
    assert not any(found.values()), found
