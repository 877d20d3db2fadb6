"""The user's data: read once, through whatever door they come, every value as text, into the schema `input`.

What a value means is staging's business. Here a table is either read as it stands, row by row, or refused with one
line that names its source and what to do. The doors: files (input_files.py), object stores (input_stores.py),
relations that DuckDB reads (input_relations.py) and relations that Python reads (input_databases.py).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from .input_databases import Databases
from .input_files import File, Folder, find_file, local_folder
from .input_relations import find_relation, parse_name
from .input_rows import count_unreadable_lines, number_rows
from .input_stores import downloaded
from .input_tables import MAY_BE_ABSENT, InputTable, Source
from .stores import is_address
from .warehouse import Refused, first_line, kind_of, quoted

# Input table -> its column of numbers that are written by people's rules.
NUMBER_COLUMNS = {"invoices": "quantity", "products": "unit_price"}


@dataclass(frozen=True)
class Doors:
    """What the settings say of where the tables are (dbt_project.yml, input_*). Without any of it: the demo.

    data_dir: folder or address; relations: table -> relation; databases: name -> address.
    """

    data_dir: str
    relations: dict[str, str]
    databases: dict[str, str]

    @property
    def is_demo(self) -> bool:
        """Say whether they name nothing."""
        return not self.data_dir and not self.relations

    def words(self, tables: list[str]) -> str:
        """Name the doors for the run log."""
        if self.is_demo:
            return "demo"
        words = set()
        if self.relations:
            words.add("relations")
        if self.data_dir and set(tables) - set(self.relations):
            words.add("object store" if is_address(self.data_dir) else "files")
        return ", ".join(sorted(words))


class Readable(Protocol):
    """A source that was found."""

    source: Source

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable) -> None:
        """Read it into `input.<table>`."""


def read_inputs(connection: duckdb.DuckDBPyConnection, tables: list[InputTable], doors: Doors, downloads: Path) -> None:
    """Read every input table into `input.<table>`, all or none, and note unreadable lines.

    Some may be absent or without rows. downloads: folder for files of an object store, while they are read.
    Raises Refused with one line when a table is missing, ambiguous or not of the promised shape.
    """
    cursor = connection.cursor()
    cursor.execute("create schema if not exists input")
    cursor.execute("begin")
    try:
        forget_unreadable_lines(cursor)
        with contextlib.ExitStack() as opened:
            folder = opened.enter_context(folder_of(doors, [table.name for table in tables], downloads))
            databases = opened.enter_context(Databases(doors.databases))
            for table in tables:
                if kind_of(cursor, "input", table.name) == "VIEW":  # Version 1.0 made views over the files.
                    cursor.execute(f"drop view input.{table.name}")
                read_table(cursor, table, find(cursor, table.name, doors, folder, databases))
                number_rows(cursor, table.name)
                count_unreadable_lines(cursor, table.name)
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def folder_of(doors: Doors, tables: list[str], downloads: Path) -> contextlib.AbstractContextManager[Folder | None]:
    """Give the folder of the files, downloaded where data_dir is an address; None where no table is a file."""
    in_files = [table for table in tables if table not in doors.relations]
    if not doors.data_dir or not in_files:
        return contextlib.nullcontext()
    if is_address(doors.data_dir):
        return downloaded(doors.data_dir, in_files, downloads)
    return contextlib.nullcontext(local_folder(Path(doors.data_dir)))


def find(
    cursor: duckdb.DuckDBPyConnection, table: str, doors: Doors, folder: Folder | None, databases: Databases
) -> Readable | None:
    """Find what the table is read from; None for an absent one. A relation that is named goes before a file."""
    if table in doors.relations:
        name = parse_name(doors.relations[table], table)
        return databases.find(name) if name.database in databases.addresses else find_relation(cursor, name)
    if folder:
        return find_file(folder, table)
    if table not in MAY_BE_ABSENT:
        raise Refused(
            f"ipre input: nothing says where {table} are. Name their relation in input_relations, or the folder "
            "of their file in data_dir (or IPRE_DATA_DIR)."
        )
    return None


def read_table(cursor: duckdb.DuckDBPyConnection, table: InputTable, readable: Readable | None) -> None:
    """Read one table and check what no single value shows."""
    if readable is None:
        make_empty(cursor, table)
        return
    source = readable.source
    try:
        readable.read(cursor, table)
    except duckdb.Error as error:
        raise source.refused("it cannot be read. " + what_happened(error, readable)) from error
    if table.name in NUMBER_COLUMNS:
        check_thousands(cursor, source, table, NUMBER_COLUMNS[table.name])
    [(row_count,)] = cursor.execute(f"select count(*) from input.{table.name}").fetchall()
    if not row_count and table.name not in MAY_BE_ABSENT:
        raise source.refused(
            "there is no row after the header. Was the export cut short?"
            if source.kind == "file"
            else "it has no rows. Was it loaded?"
        )


def make_empty(cursor: duckdb.DuckDBPyConnection, table: InputTable) -> None:
    """Make `input.<table>` without rows."""
    cursor.execute("create schema if not exists input")
    texts = ", ".join(f"{quoted(column)} varchar" for column in table.columns)
    cursor.execute(f"create or replace table input.{table.name} ({texts}, row_number bigint)")


def forget_unreadable_lines(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `input.unreadable_lines` anew, without rows."""
    cursor.execute("create schema if not exists input")
    cursor.execute(
        "create or replace table input.unreadable_lines "
        "(source_table varchar, row_number bigint, reason varchar, line varchar)"
    )


def check_thousands(cursor: duckdb.DuckDBPyConnection, source: Source, table: InputTable, column: str) -> None:
    """Refuse a source in which 1.200 may well be twelve hundred.

    That is so where every fraction has three digits behind its point and one to three before it, and whole numbers
    stand beside them of which none reaches 1,000. Where all numbers have three decimals nothing is in doubt.
    """
    number = f"regexp_replace({column}, '^[^0-9.]+|[^0-9.]+$', '', 'g')"
    counted = cursor.execute(
        "select count(*), count(*) filter (where regexp_full_match(number, '[1-9][0-9]{0,2}[.][0-9]{3}')), "
        "min(number) filter (where contains(number, '.')), count(*) filter (where not contains(number, '.')), "
        "max(try_cast(number as double)) filter (where not contains(number, '.')) "
        f"from (select {number} as number from input.{table.name} where {column} is not null) as numbers "
        "where regexp_full_match(number, '[0-9]+[.]?[0-9]*|[.][0-9]+')"
    )
    [(numbers, in_doubt, example, whole, largest)] = counted.fetchall()
    if in_doubt and whole and in_doubt + whole == numbers and largest < 1000:
        plain = example.replace(".", "")
        raise source.refused(
            f"'{example}' in {table.label(column)} may be {plain} or {plain[:-3]} and a fraction: all {in_doubt} "
            f"numbers with a point have three digits behind it, and the {whole} others are below 1,000. Export "
            f"{column} without thousands separators ({plain}); if it is a decimal point, with the same decimals "
            "throughout (5.000)."
        )


def what_happened(error: duckdb.Error, readable: Readable) -> str:
    """Give what DuckDB found, without its hints on options of a reader that the user does not see."""
    text = first_line(error)
    if "state machine" in text:
        return "It mixes Windows and Unix line ends, or its quotes do not match. Export it anew with one kind."
    if isinstance(readable, File):
        text = text.replace(str(readable.path), readable.source.name)
    return text
