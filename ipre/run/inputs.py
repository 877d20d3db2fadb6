"""The user's data: read once, through whatever door they come, every value as text, into the schema `input`.

What a value means is staging's business. Here a table is either read as it stands, row by row, or refused with one
line that names its source and what to do. The doors: files of a folder or an object store (input_files.py), relations
that DuckDB reads (input_relations.py) and relations that SQLAlchemy reads (input_databases.py).
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from .input_files import File, Folder, Parts, find_file, folder_of
from .input_relations import Relation, find_relation, parse_name
from .input_rows import count_unreadable_lines, number_rows
from .input_tables import UNREADABLE_LINES, InputTable, Source, check_columns
from .stores import is_address
from .unread_columns import COLUMNS, UNREAD_COLUMNS, counted, look_alikes
from .warehouse import Refused, first_line, quoted

if TYPE_CHECKING:
    from .input_databases import DatabaseRelation, Databases


# What columns that are only counted are called in `input.<table>` meanwhile.
UNREAD_NAMES = [f"unread_{place}" for place in range(20)]


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
        """Return whether they name nothing."""
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


def read_inputs(connection: duckdb.DuckDBPyConnection, tables: list[InputTable], doors: Doors) -> None:
    """Read every input table into `input.<table>`, all or none, and note unreadable lines.

    Some may be absent or without rows. Raises Refused with one line when a table is missing, ambiguous or not of the
    promised shape.
    """
    cursor = connection.cursor()
    cursor.execute("create schema if not exists input")
    in_files = [table.name for table in tables if table.name not in doors.relations]
    [(file,)] = cursor.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    with contextlib.ExitStack() as opened:
        folder = opened.enter_context(folder_of(Path(file) if file else None, doors.data_dir, in_files))
        databases = opened.enter_context(opened_databases(doors))
        cursor.execute("begin")
        try:
            forget_unreadable_lines(cursor)
            for table in tables:
                read_table(cursor, table, find(cursor, table, doors, folder, databases))
                number_rows(cursor, table.name)
                count_unreadable_lines(cursor, table.name)
            cursor.execute("commit")
        except BaseException:
            cursor.execute("rollback")
            raise


def opened_databases(doors: Doors) -> contextlib.AbstractContextManager[Databases | None]:
    """Return the databases that have a name; None without any."""
    if not doors.databases:
        return contextlib.nullcontext()
    from .input_databases import Databases  # Here, because SQLAlchemy takes a quarter of a second.

    return Databases(doors.databases)


def find(
    cursor: duckdb.DuckDBPyConnection,
    table: InputTable,
    doors: Doors,
    folder: Folder | None,
    databases: Databases | None,
) -> File | Parts | Relation | DatabaseRelation | None:
    """Find what the table is read from; None for an absent one. A relation that is named goes before a file."""
    if table.name in doors.relations:
        name = parse_name(doors.relations[table.name], table.name)
        return databases.find(name) if name.database in doors.databases else find_relation(cursor, name)
    if folder:
        return find_file(folder, table)
    if not table.may_be_absent:
        raise Refused(
            f"ipre input: nothing says where {table.name} are. Name their relation in input_relations, or the folder "
            "of their file in data_dir (or IPRE_DATA_DIR)."
        )
    return None


def read_table(
    cursor: duckdb.DuckDBPyConnection, table: InputTable, readable: File | Parts | Relation | DatabaseRelation | None
) -> None:
    """Read one table and check what no single value shows."""
    if readable is None:
        make_empty(cursor, table)
        return
    source = readable.source
    try:
        columns = readable.columns(cursor)
        check_columns(source, columns, table)
        unread = dict(zip(UNREAD_NAMES, look_alikes([name for name, _ in columns], table), strict=False))
        readable.read(cursor, table.with_others(unread), columns)
        note_unread(cursor, table, unread)
    except duckdb.Error as error:
        raise source.refused("it cannot be read. " + what_happened(error)) from error
    for column in table.numbers:
        check_thousands(cursor, source, table, column)
    for column in table.money:
        check_commas(cursor, source, table, column)
    [(row_count,)] = cursor.execute(f"select count(*) from input.{table.name}").fetchall()
    if not row_count and not table.may_be_absent:
        raise source.refused(
            "there is no row after the header. Was the export cut short?"
            if source.kind == "file"
            else "it has no rows. Was it loaded?"
        )


def note_unread(cursor: duckdb.DuckDBPyConnection, table: InputTable, unread: dict[str, str]) -> None:
    """Count what unread columns hold, and let go of them. unread: name in `input.<table>` -> in the source."""
    columns = {name: quoted(column) for column, name in unread.items()}
    for row in counted(lambda query: cursor.execute(query).fetchall(), f"input.{table.name}", table, columns):
        cursor.execute(f"insert into input.{UNREAD_COLUMNS} values (?, ?, ?, ?, ?, ?)", row)
    for column in unread:
        cursor.execute(f"alter table input.{table.name} drop column {quoted(column)}")


def make_empty(cursor: duckdb.DuckDBPyConnection, table: InputTable) -> None:
    """Make `input.<table>` without rows."""
    cursor.execute("create schema if not exists input")
    texts = ", ".join(f"{quoted(column)} varchar" for column in table.columns)
    cursor.execute(f"create or replace table input.{table.name} ({texts}, row_number bigint)")


def forget_unreadable_lines(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `input.unreadable_lines` and `input.unread_columns` anew, without rows."""
    cursor.execute("create schema if not exists input")
    cursor.execute(f"create or replace table input.{UNREAD_COLUMNS} ({COLUMNS})")
    cursor.execute(
        f"create or replace table input.{UNREADABLE_LINES} "
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


def check_commas(cursor: duckdb.DuckDBPyConnection, source: Source, table: InputTable, column: str) -> None:
    """Refuse prices of which one may be twelve hundred as well as one and a fraction: 1,299.

    So may 1.299, where other prices of the column have a decimal comma (12,50).
    """
    number = f"regexp_replace({column}, '^[^0-9.,]+|[^0-9.,]+$', '', 'g')"
    [(comma, point, decimal)] = cursor.execute(
        "select min(number) filter (where regexp_full_match(number, '[1-9][0-9]{0,2},[0-9]{3}')), "
        "min(number) filter (where regexp_full_match(number, '[1-9][0-9]{0,2}[.][0-9]{3}')), "
        "min(number) filter (where regexp_full_match(number, '[0-9.]*,([0-9]{1,2}|[0-9]{4,})')) "
        f"from (select {number} as number from input.{table.name} where {column} is not null) as numbers"
    ).fetchall()
    if example := comma or (point if decimal else None):
        plain = re.sub("[.,]", "", example)
        beside = f", and {decimal} stands beside it" if decimal and not comma else ""
        raise source.refused(
            f"'{example}' in {table.label(column)} may be {plain} or {plain[:-3]} and a fraction{beside}. Export "
            f"{column} without thousands separators, and with a decimal point ({plain}.00)."
        )


def what_happened(error: duckdb.Error) -> str:
    """Return what DuckDB found, without its hints on options of a reader that the user does not see."""
    text = first_line(error)
    if "state machine" in text:
        return "It mixes Windows and Unix line ends, or its quotes do not match. Export it anew with one kind."
    return text
