"""An input table, through whatever door it comes: its columns and their names there, and the text a value becomes."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import yaml

from .warehouse import Refused, quoted

# The one place that says what input tables there are; its head says what `meta` means.
CONTRACT = Path(__file__).resolve().parents[2] / "models" / "staging" / "inputs.yml"
# What the readers fill, and no input.
UNREADABLE_LINES = "unreadable_lines"
NO_INPUTS = (UNREADABLE_LINES, "unread_columns")
NUMBER_TYPES = ("decimal", "double")
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# Whole numbers from which on a float does not hold every one any more.
FLOAT_HOLDS_BELOW = {"DOUBLE": 2**53, "FLOAT": 2**24}


@dataclass(frozen=True)
class InputTable:
    """A table of the contract (models/staging/inputs.yml). renamed: column -> its name in the source (input_columns).

    numbers: columns in which people write numbers.
    """

    name: str
    required: list[str]
    optional: list[str]
    numbers: list[str] = field(default_factory=list)
    may_be_absent: bool = False
    kept_by_hand: bool = False
    from_rating_store: bool = False
    in_demo: bool = True
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """All columns of the contract, in its order."""
        return self.required + self.optional

    def named(self, columns: dict[str, dict[str, str]]) -> InputTable:
        """Give the table with what its columns are called in the source. columns: of all tables (input_columns)."""
        return replace(self, renamed=columns.get(self.name, {}))

    def with_others(self, columns: dict[str, str]) -> InputTable:
        """Give the table with columns that are not in the contract. columns: name here -> name in the source."""
        return replace(self, optional=[*self.optional, *columns], renamed={**self.renamed, **columns})

    def in_source(self, column: str) -> str:
        """Give the column's name where the table comes from."""
        return self.renamed.get(column, column)

    def label(self, column: str) -> str:
        """Give the column as messages name it."""
        return f"'{column}'" + (f" (input_columns: {self.renamed[column]})" if column in self.renamed else "")


@cache
def input_tables() -> dict[str, InputTable]:
    """Give the tables of the contract by name, in its order."""
    [source] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"]
    found = {}
    for table in source["tables"]:
        if table["name"] in NO_INPUTS:
            continue
        columns: dict[bool, list[str]] = {True: [], False: []}
        for column in table["columns"]:
            columns[column.get("config", {}).get("meta", {}).get("required", False)].append(column["name"])
        numbers = [column["name"] for column in table["columns"] if column["data_type"] in NUMBER_TYPES]
        meta = table.get("config", {}).get("meta", {})
        found[table["name"]] = InputTable(table["name"], columns[True], columns[False], numbers, **meta)
    return found


@dataclass(frozen=True)
class Source:
    """What a table is read from, as messages name it. kind: `file` or `relation`."""

    kind: str
    name: str

    def refused(self, why: str) -> Refused:
        """Word the refusal of this source."""
        return Refused(f"ipre input: {self.kind} {self.name}: {why}")


def check_columns(source: Source, found: list[str], table: InputTable) -> None:
    """Refuse a source in which a known column stands twice, or a required or renamed one is missing."""
    counts = Counter(found)
    listed = f"Columns found: {', '.join(found)}."
    for column in table.columns:
        times = counts[table.in_source(column)]
        if times > 1:
            raise source.refused(
                f"column {table.label(column)} stands {times} times in the header. Keep the one to be read. {listed}"
            )
    for column in table.columns:
        if table.in_source(column) in counts:
            continue
        if column in table.required:
            raise source.refused(
                f"required column {table.label(column)} is missing. {listed} {advice(source, column, found, table)}"
            )
        if column in table.renamed:
            raise source.refused(
                f"column {table.label(column)} is missing. {listed} {advice(source, column, found, table)}"
            )


def advice(source: Source, column: str, found: list[str], table: InputTable) -> str:
    """Say what most likely makes a column missing."""
    for delimiter, words in OTHER_DELIMITERS.items():
        if len(found) == 1 and delimiter in found[0]:
            return f"The columns seem to be separated by {words}: export the file with commas."
    by_lower_case = {name.lower(): name for name in found}
    near = difflib.get_close_matches(table.in_source(column).lower(), by_lower_case, n=1, cutoff=0.75)
    if column in table.renamed:
        what = f"Write '{by_lower_case[near[0]]}' in input_columns" if near else "Correct its name in input_columns"
        return f"{what}: names are matched exactly."
    if near:
        return f"Rename '{by_lower_case[near[0]]}' to '{column}': names are matched exactly."
    header = ", and the first line must be the header" if source.kind == "file" else ""
    return f"Rename the column, say in input_columns what it is called, or add it: names are matched exactly{header}."


def texts_of(table: InputTable, types: dict[str, str]) -> str:
    """Give SQL of all columns of the contract as texts. types: column of the source -> its type in DuckDB."""
    selected = []
    for column in table.columns:
        name = table.in_source(column)
        text = text_of(quoted(name), types[name], is_id=is_id(column)) if name in types else "cast(null as varchar)"
        selected.append(f"{text} as {column}")
    return ", ".join(selected)


def text_of(value: str, kind: str, *, is_id: bool) -> str:
    """Give SQL of the text that a value would have in a CSV file. value: SQL; kind: its type in DuckDB.

    An id kept as a float (pandas makes one of a whole-number column with gaps) loses its `.0`; its NaN is no id. One
    that is too large for a float to hold all its digits is written as such numbers are (9.007199e+15), for staging to
    reject.
    """
    if kind == "BLOB":
        return f"decode({value})"
    text = f"cast({value} as varchar)"
    if not is_id or not kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return text
    text = f"nullif(regexp_replace({text}, '[.]0+$', ''), 'nan')"
    if kind not in FLOAT_HOLDS_BELOW:
        return text
    return (
        f"case when abs({value}) >= {FLOAT_HOLDS_BELOW[kind]} and not isnan({value}) "
        f"then format('{{:e}}', cast({value} as double)) else {text} end"
    )


def is_id(column: str) -> bool:
    """Say whether a column of the contract holds ids."""
    return column.endswith("_id") or column == "replaced_by"
