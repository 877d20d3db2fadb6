"""The files of one set: every published table as Parquet, the lists as CSV, and all tables in the serving file."""

import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from .published_folder import read_parquet
from .warehouse import described, literal, quoted

SERVING_FILE = "ipre_serving.duckdb"
# DuckDB 1.0 and everything after it reads this.
SERVING_FORMAT = "v1.0.0"
BYTE_ORDER_MARK = "\ufeff"
# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"), at its start or where a list
# separator of another locale would start a new cell.
FORMULA_START = "(^|[;\\t\\r\\n])([\\s\"'']*)([=+\\-@\\t\\r＝＋－＠])"


@dataclass(frozen=True)
class Table:
    """A published table: its name in `main`, and the schema where the run built it.

    columns: column -> type, as the contract says. key: columns that say which row is meant. kept: rows of earlier runs
    stay and this run's are added. is_log: one of the logs, which the run did not build. comments: column ->
    description; "" is the table.
    """

    name: str
    schema: str
    columns: dict[str, str]
    order_by: list[str] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    kept: bool = False
    is_log: bool = False
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def built(self) -> str:
        """The relation that the run built."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def selected(self) -> str:
        """Its columns, and no others, for a SELECT."""
        return self.selected_from(self.columns)

    def selected_from(
        self, found: Collection[str], quoted: Callable[[str], str] = quoted, type_of: Callable[[str], str] = str
    ) -> str:
        """Return its columns for a SELECT from where only some are found; the others are null.

        quoted: a name as the engine's SQL has it; type_of: the engine's word for a type of the contract.
        """
        return ", ".join(
            f"cast({quoted(name) if name in found else 'null'} as {type_of(kind)}) as {quoted(name)}"
            for name, kind in self.columns.items()
        )

    @property
    def no_rows(self) -> str:
        """The query of its columns without rows."""
        return f"select {self.selected_from(())} limit 0"

    @property
    def file(self) -> str:
        """The name of its Parquet file."""
        return f"{self.name}.parquet"


def write_parquet(cursor: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query, in their order."""
    cursor.execute(f"copy ({query}) to {literal(file)} (format parquet, compression zstd)")


def rows_in(cursor: duckdb.DuckDBPyConnection, table: Table, file: Path) -> str:
    """Return the query of a table's rows in a set, which another version may have made: what it lacks is null."""
    if not file.exists():
        return table.no_rows
    found = dict(described(cursor, read_parquet(file)))
    return f"select {table.selected_from(found)} from {read_parquet(file)}"


def write_csv(cursor: duckdb.DuckDBPyConnection, parquet: Path) -> None:
    """Write a table as CSV from its Parquet file, whose rows are in order.

    The first name in the header begins with a byte-order mark: without it Excel takes the file for another encoding,
    and readers of CSV in UTF-8 ignore it.
    """
    rows, shown = read_parquet(parquet), []
    for place, (name, kind) in enumerate(described(cursor, rows)):
        # An apostrophe stands before whatever a spreadsheet would run as a formula.
        harmless = f"regexp_replace({quoted(name)}, {literal(FORMULA_START)}, '\\1\\2''\\3', 'g')"
        cell = harmless if kind == "VARCHAR" else quoted(name)
        shown.append(f"{cell} as {quoted(name if place else BYTE_ORDER_MARK + name)}")
    target = literal(parquet.with_suffix(".csv"))
    cursor.execute(f"copy (select {', '.join(shown)} from {rows}) to {target} (format csv, header)")


def write_serving_file(cursor: duckdb.DuckDBPyConnection, target: Path, tables: list[Table]) -> None:
    """Fill the serving file with tables of its own, from the Parquet files beside it: it alone is enough."""
    cursor.execute(f"attach {literal(target / SERVING_FILE)} as serving (storage_version {literal(SERVING_FORMAT)})")
    try:
        cursor.execute("begin")
        for table in tables:
            rows = f"from {read_parquet(target / table.file)}"
            cursor.execute(f"create table serving.main.{quoted(table.name)} as {rows}")
            comment(cursor, "serving.main", table, "table")
        cursor.execute("commit")
        # Detaching writes, too, but does not report what went wrong.
        cursor.execute("checkpoint serving")
    except duckdb.Error:
        for step in ("rollback", "detach serving"):
            with contextlib.suppress(duckdb.Error):
                cursor.execute(step)
        raise
    cursor.execute("detach serving")


def comment(cursor: duckdb.DuckDBPyConnection, schema: str, table: Table, kind: str) -> None:
    """Put the descriptions of the properties files into the database."""
    target = f"{schema}.{quoted(table.name)}"
    # In one call, because every call costs time.
    cursor.execute(
        "".join(
            f"comment on {f'column {target}.{quoted(column)}' if column else f'{kind} {target}'} "
            f"is {literal(text.strip())};"
            for column, text in table.comments.items()
        )
    )
