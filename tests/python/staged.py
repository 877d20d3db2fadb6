"""Staging without dbt: its models as dbt compiled them, run one after the other on a fresh DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import pytest
from builds import shared

from ipre.run.input_rows import make_empty, number_rows
from ipre.run.input_tables import input_tables
from ipre.run.inputs import InputSettings, read_inputs
from ipre.run.warehouse import Refused

# What comes of an input table: the model with its accepted rows.
ACCEPTED = {
    "customers": "customer_numbers", "products": "stg_products", "invoices": "stg_invoice_lines",
    "feedback": "stg_ratings where event_id is null", "rating_events": "stg_ratings where event_id is not null",
    "overrides": "stg_overrides", "account_managers": "account_managers", "list_openings": "stg_list_openings",
}  # fmt: skip


@dataclass(frozen=True)
class Model:
    """One compiled model. name: with its schema."""

    name: str
    kind: str
    sql: str


@cache
def staging() -> list[Model]:
    """Staging for data of one's own, as the small build compiled it; in an order in which the models can be built."""
    nodes = shared("small")[0].manifest["nodes"]
    models = {
        name: node
        for name, node in nodes.items()
        if node["path"].startswith("staging/") and node["resource_type"] == "model"
    }
    order = TopologicalSorter({name: node["depends_on"]["nodes"] for name, node in models.items()}).static_order()
    return [
        Model(
            f"{node['schema']}.{node['name']}",
            "view" if node["config"]["materialized"] == "view" else "table",
            node["compiled_code"].replace(f'"{node["database"]}".', ""),
        )
        for node in (models[name] for name in order if name in models)
    ]


def read(
    connection: duckdb.DuckDBPyConnection,
    data: Path | InputSettings,
    columns: Mapping[str, dict[str, str]] | None = None,
) -> None:
    """Read the input tables of a folder or by settings, as a run does; columns: as input_columns."""
    settings = data if isinstance(data, InputSettings) else InputSettings(str(data), {}, {})
    tables = [table.named(columns or {}) for table in input_tables().values() if not table.from_rating_store]
    read_inputs(connection, tables, settings)


def refusal(action: Callable[..., object], *arguments: object, **named: object) -> str:
    """What a run says when it refuses what this does: one line."""
    with pytest.raises(Refused) as refused:
        action(*arguments, **named)
    assert "\n" not in str(refused.value)
    return str(refused.value)


class Staged:
    """What staging makes of the files of a folder, or of other sources, and of the store of ratings.

    ratings: table of the store -> rows, each a column -> text; columns: as input_columns. Raises Refused as a run does.
    """

    def __init__(
        self,
        data: Path | InputSettings,
        ratings: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
        columns: Mapping[str, dict[str, str]] | None = None,
    ) -> None:
        self.connection = duckdb.connect(config={"threads": 1})  # Of so few rows more only wait for each other.
        self.connection.execute("create schema build; create schema helpers")
        read(self.connection, data, columns)
        for name in [table.name for table in input_tables().values() if table.from_rating_store]:
            make_empty(self.connection, input_tables()[name])
            for row in (ratings or {}).get(name, []):
                columns, marks = ", ".join(row), ", ".join("?" * len(row))
                self.connection.execute(f"insert into input.{name} ({columns}) values ({marks})", list(row.values()))
            number_rows(self.connection, name)
        for model in staging():
            self.connection.execute(f"create {model.kind} {model.name} as {model.sql}")
        self.connection.execute("set schema = 'build'")

    def rows(self, query: str) -> list[tuple]:
        """Rows of a query; tables without a schema are those of `build`."""
        return self.connection.execute(query).fetchall()

    def rejected(self) -> list[tuple]:
        """Every rejected row: (table, row number, reason), in this order."""
        return self.rows("select source_table, row_number, reason from rejected_rows order by all")

    def unaccounted(self) -> list[tuple]:
        """Input tables of which a row is neither accepted nor rejected, or is both, or has another's number."""
        counts = []
        for table, model in ACCEPTED.items():
            [(read, different)] = self.rows(
                "select count(*), count(distinct row_number) from (select row_number from "
                f"input.{table} union all select row_number from input.unreadable_lines where source_table = '{table}')"
            )
            [(accepted,)] = self.rows(f"select count(*) from {model}")
            [(rejected,)] = self.rows(
                f"select count(distinct row_number) from rejected_rows where source_table = '{table}'"
            )
            counts.append((table, read, different, accepted + rejected))
        return [count for count in counts if len(set(count[1:])) > 1]
