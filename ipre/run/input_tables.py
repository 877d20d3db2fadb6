"""An input table of any source: its columns and their names there, and the text that a value becomes."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml

from .warehouse import Refused, literal, quoted

# The only list of input tables; its head says what `meta` means.
CONTRACT = Path(__file__).resolve().parents[2] / "models" / "staging" / "inputs.yml"
# What the readers write; these are not input.
UNREADABLE_LINES = "unreadable_lines"
NO_INPUTS = (UNREADABLE_LINES, "unread_columns")
NUMBER_TYPES = ("decimal", "double")
# Keys of a column's meta that are used here.
MARKS = ("required", "money", "prose")
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# From these whole numbers on a float cannot represent every one.
FLOAT_HOLDS_BELOW = {"DOUBLE": 2**53, "FLOAT": 2**24}
# The columns of a source in their order: name and type, where the source has types.
Columns = list[tuple[str, Any]]


@dataclass(frozen=True)
class InputTable:
    """A table of the contract (models/staging/inputs.yml). renamed: column -> its name in the source (input_columns).

    numbers: columns in which people write numbers; money: those of them that are prices; prose: in which they write
    what they like.
    """

    name: str
    required: list[str]
    optional: list[str]
    numbers: list[str] = field(default_factory=list)
    money: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    may_be_absent: bool = False
    kept_by_hand: bool = False
    from_rating_store: bool = False
    in_demo: bool = True
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """All columns of the contract, in its order."""
        return self.required + self.optional

    def named(self, columns: dict[str, dict[str, str]]) -> Self:
        """Return the table with what its columns are called in the source. columns: of all tables (input_columns)."""
        return replace(self, renamed=columns.get(self.name, {}))

    def with_others(self, columns: dict[str, str]) -> Self:
        """Return the table with columns that are not in the contract. columns: name here -> name in the source."""
        return replace(self, optional=[*self.optional, *columns], renamed={**self.renamed, **columns})

    @property
    def where(self) -> str:
        """The setting that says where it is."""
        return "IPRE_RATINGS_URL" if self.from_rating_store else "data_dir (or IPRE_DATA_DIR)"

    def others(self, found: Iterable[str]) -> list[str]:
        """List the columns found that are none of the table's."""
        known = set(map(self.in_source, self.columns))
        return [name for name in found if name not in known]

    def in_source(self, column: str) -> str:
        """Return the column's name where the table comes from."""
        return self.renamed.get(column, column)

    def label(self, column: str) -> str:
        """Return the column as messages name it."""
        return f"'{column}'" + (f" (input_columns: {self.renamed[column]})" if column in self.renamed else "")


@cache
def input_tables() -> dict[str, InputTable]:
    """Return the tables of the contract by name, in its order."""
    [source] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"]
    found = {}
    for table in source["tables"]:
        if table["name"] in NO_INPUTS:
            continue
        columns = table["columns"]
        marked = {mark: [one["name"] for one in columns if meta_of(one).get(mark)] for mark in MARKS}
        optional = [one["name"] for one in columns if not meta_of(one).get("required")]
        numbers = [one["name"] for one in columns if one["data_type"] in NUMBER_TYPES]
        found[table["name"]] = InputTable(table["name"], optional=optional, numbers=numbers, **marked, **meta_of(table))
    return found


def meta_of(described: dict) -> dict:
    """Return the meta of a table or a column."""
    return described.get("config", {}).get("meta", {})


@dataclass(frozen=True)
class Source:
    """What a table is read from, as messages name it. kind: `file`, `folder` or `relation`."""

    kind: str
    name: str

    def refused(self, why: str) -> Refused:
        """Word the refusal of this source."""
        return Refused(f"ipre input: {self.kind} {self.name}: {why}")


def check_columns(source: Source, columns: Columns, table: InputTable) -> None:
    """Refuse a source without a required or renamed column, or with a column that is probably misnamed.

    A column is probably misnamed if its name is near that of a known column that is absent; in a table that people keep
    by hand, if it is unknown: without the column a row would apply to everybody.
    """
    found = [name for name, _ in columns if name]
    counts = Counter(found)
    listed = f"Columns found: {', '.join(found)}."
    for column in table.columns:
        times = counts[table.in_source(column)]
        if times > 1:
            raise source.refused(
                f"column {table.label(column)} appears {times} times in the header. Keep only the one to read. {listed}"
            )
    others = table.others(counts)
    for column in table.columns:
        if table.in_source(column) in counts:
            continue
        if column in table.required or column in table.renamed:
            kind = "required column" if column in table.required else "column"
            raise source.refused(
                f"{kind} {table.label(column)} is missing. {listed} {advice(source, column, others, table)}"
            )
        if near := nearest_name(column, others, table.columns):
            raise source.refused(
                f"unknown column '{near}'; did you mean '{column}'? Rename it to '{column}', or map it in input_columns"
                f"; if it is something else, give it a different name. {listed}"
            )
    if table.kept_by_hand and others:
        raise source.refused(
            f"column '{others[0]}' is unknown and would have no effect. Columns of {table.name}: "
            f"{', '.join(table.columns)}. Rename it, map it in input_columns, or remove it."
        )


def nearest_name(name: str, found: Iterable[str], known: Iterable[str]) -> str | None:
    """Return the first of some names that is near this one and is not another known name in another spelling."""
    others = set(map(folded, known)) - {folded(name)}
    return next((one for one in found if folded(one) not in others and is_near(folded(one), folded(name))), None)


def folded(name: str) -> str:
    """Return a name without what people write differently: case, blanks, hyphens, underscores."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def is_near(one: str, other: str) -> bool:
    """Whether two texts differ by one letter at most: one more, one less, another one, or two that are swapped."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    is_swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or is_swapped


def advice(source: Source, column: str, others: list[str], table: InputTable) -> str:
    """Say what to do about a missing column, by its most likely cause. others: columns found that are unknown."""
    for delimiter, words in OTHER_DELIMITERS.items():
        if len(others) == 1 and delimiter in others[0]:
            return f"The columns seem to be separated by {words}: export the file with commas."
    by_lower_case = {name.lower(): name for name in others}
    near = difflib.get_close_matches(table.in_source(column).lower(), by_lower_case, n=1, cutoff=0.75)
    if column in table.renamed:
        what = f"Write '{by_lower_case[near[0]]}' in input_columns" if near else "Correct its name in input_columns"
        return f"{what}; names must match exactly."
    if near:
        return f"Rename '{by_lower_case[near[0]]}' to '{column}'; names must match exactly."
    header = ", and the first line must be the header" if source.kind == "file" else ""
    return f"Add it, rename yours, or map yours in input_columns; names must match exactly{header}."


def texts_of(
    table: InputTable,
    types: Mapping[str, str],
    values: Mapping[str, str | None] | None = None,
    zones: Mapping[str, str] | None = None,
) -> str:
    """Return SQL of all columns of the contract as texts.

    types: column of the source -> its type in DuckDB; values: those in the name of the source, for all its rows;
    zones: column -> the time zone that its times were written in, if the source says so.
    """
    selected = []
    for column in table.columns:
        name = table.in_source(column)
        text = text_literal((values or {}).get(name))
        if name in types:
            text = text_of(quoted(name), types[name], is_id=is_id(column))
        if name in (zones or {}):
            text = as_written(quoted(name), zones[name])
        selected.append(f"{text} as {column}")
    return ", ".join(selected)


def as_written(moment: str, zone: str) -> str:
    """Return SQL of a moment as it was written in its zone: 2025-01-10 23:30:00-08:00, whose day counts."""
    local = f"timezone({literal(zone)}, {moment})"
    minutes = f"cast((epoch({local}) - epoch({moment})) / 60 as integer)"
    two_digits = "lpad(cast({} as varchar), 2, '0')".format
    return (
        f"cast({local} as varchar) || case when {minutes} < 0 then '-' else '+' end || "
        f"{two_digits(f'abs({minutes}) // 60')} || ':' || {two_digits(f'abs({minutes}) % 60')}"
    )


def text_literal(value: str | None) -> str:
    """Return SQL of a text, or of no text."""
    return f"cast({'null' if value is None else literal(value)} as varchar)"


def text_of(value: str, kind: str, *, is_id: bool) -> str:
    """Return SQL of the text that a value would have in a CSV file. value: SQL; kind: its type in DuckDB.

    An id kept as a float (pandas makes floats of a whole-number column with gaps) loses its `.0`, and NaN becomes null.
    One with more digits than a float can represent is written in scientific notation (9.007199e+15), for staging to
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
    """Whether a column of the contract contains ids."""
    return column.endswith("_id") or column == "replaced_by"
