"""The user's data: read once, from any kind of source, every value as text, into the schema `input`.

Staging says what a value means. Here a table is either read as it is, row by row, or refused with one line that names
its source and what to do. Kinds of sources: files in a folder or an object store (input_files.py), relations that
DuckDB reads (input_relations.py) and relations that SQLAlchemy reads (input_databases.py).
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
from .input_rows import count_unreadable_lines, make_empty, number_rows
from .input_tables import UNREADABLE_LINES, InputTable, Source, check_columns
from .stores import is_address
from .unread_columns import COLUMNS, UNREAD_COLUMNS, counted, files_alike, look_alikes
from .warehouse import Refused, first_line, quoted, transaction

if TYPE_CHECKING:
    from .input_databases import DatabaseRelation, Databases


# What columns that are only counted are called in `input.<table>` meanwhile.
UNREAD_NAMES = [f"unread_{place}" for place in range(20)]


@dataclass(frozen=True)
class InputSettings:
    """The settings that say where the tables are (dbt_project.yml, input_*). If all are empty: the demo.

    data_dir: folder or address; relations: table -> relation; databases: name -> address.
    """

    data_dir: str
    relations: dict[str, str]
    databases: dict[str, str]

    @property
    def is_demo(self) -> bool:
        """Whether all are empty."""
        return not self.data_dir and not self.relations

    def words(self, tables: list[str]) -> str:
        """Name the kinds of sources, for the run log."""
        if self.is_demo:
            return "demo"
        words = set()
        if self.relations:
            words.add("relations")
        if self.data_dir and set(tables) - set(self.relations):
            words.add("object store" if is_address(self.data_dir) else "files")
        return ", ".join(sorted(words))


def read_inputs(connection: duckdb.DuckDBPyConnection, tables: list[InputTable], settings: InputSettings) -> None:
    """Read every input table into `input.<table>`, all or none, and note unreadable lines.

    Some may be absent or without rows. Raises Refused with one line when a table is missing, ambiguous or not of the
    promised shape.
    """
    cursor = connection.cursor()
    in_files = [table.name for table in tables if table.name not in settings.relations]
    [(file,)] = cursor.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    with contextlib.ExitStack() as opened:
        folder = opened.enter_context(folder_of(Path(file) if file else None, settings.data_dir, in_files))
        databases = None
        if settings.databases:
            from .input_databases import Databases  # Here, because SQLAlchemy takes a quarter of a second.

            databases = opened.enter_context(Databases(settings.databases))
        opened.enter_context(transaction(cursor))
        forget_unreadable_lines(cursor)
        for table in tables:
            read_table(cursor, table, find(cursor, table, settings, folder, databases))
            for file in files_alike(folder.files, table) if folder and table.name in in_files else []:
                cursor.execute(
                    f"insert into input.{UNREAD_COLUMNS} values (?, ?, null, 0, 0, null)", [table.name, file]
                )
            number_rows(cursor, table.name)
            count_unreadable_lines(cursor, table.name)


def find(
    cursor: duckdb.DuckDBPyConnection,
    table: InputTable,
    settings: InputSettings,
    folder: Folder | None,
    databases: Databases | None,
) -> File | Parts | Relation | DatabaseRelation | None:
    """Find what the table is read from; None for an absent one. A relation that is named goes before a file."""
    if table.name in settings.relations:
        name = parse_name(settings.relations[table.name], table.name)
        return databases.find(name) if name.database in settings.databases else find_relation(cursor, name)
    if folder:
        return find_file(folder, table)
    if not table.may_be_absent:
        raise Refused(
            f"ipre input: no source is set for {table.name}. Name its relation in input_relations, or the folder of "
            "its file in data_dir (or IPRE_DATA_DIR)."
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
        with_unread = table.with_others(unread)
        make_empty(cursor, with_unread)
        readable.read(cursor, with_unread, columns)
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
            "it has no rows after the header. Check that the export is complete."
            if source.kind == "file"
            else "it has no rows. Check that it was loaded."
        )


def note_unread(cursor: duckdb.DuckDBPyConnection, table: InputTable, unread: dict[str, str]) -> None:
    """Count the values of unread columns, then drop them. unread: name in `input.<table>` -> in the source."""
    columns = {name: quoted(column) for column, name in unread.items()}
    for row in counted(lambda query: cursor.execute(query).fetchall(), f"input.{table.name}", table, columns):
        cursor.execute(f"insert into input.{UNREAD_COLUMNS} values (?, ?, ?, ?, ?, ?)", row)
    for column in unread:
        cursor.execute(f"alter table input.{table.name} drop column {quoted(column)}")


def forget_unreadable_lines(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `input.unreadable_lines` and `input.unread_columns` again, without rows."""
    cursor.execute("create schema if not exists input")
    cursor.execute(f"create or replace table input.{UNREAD_COLUMNS} ({COLUMNS})")
    cursor.execute(
        f"create or replace table input.{UNREADABLE_LINES} "
        "(source_table varchar, row_number bigint, reason varchar, line varchar)"
    )


def check_thousands(cursor: duckdb.DuckDBPyConnection, source: Source, table: InputTable, column: str) -> None:
    """Refuse a source in which 1.200 may mean twelve hundred.

    It may when every number with a point has three digits after it and one to three before it, and there are whole
    numbers, too, all below 1,000. When all numbers have three decimals there is no doubt.
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
            f"'{example}' in {table.label(column)} could be {plain} or {int(plain) / 1000:g}. Export it without "
            f"thousands separators ({plain}); if it is a decimal point, write all numbers with three decimals (5.000). "
            f"All {in_doubt} numbers with a point have three digits after it, and the {whole} others are below 1,000."
        )


def check_commas(cursor: duckdb.DuckDBPyConnection, source: Source, table: InputTable, column: str) -> None:
    """Refuse prices of which one may be thirteen hundred or 1.3: 1,299.

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
        why = f", because other prices have a decimal comma ({decimal})" if decimal and not comma else ""
        raise source.refused(
            f"'{example}' in {table.label(column)} could be {plain} or {int(plain) / 1000:g}{why}. Export it "
            f"without thousands separators and with a decimal point ({plain}.00)."
        )


def what_happened(error: duckdb.Error) -> str:
    """Return DuckDB's message without its hints on reader options, which the user does not set."""
    text = first_line(error)
    if "state machine" in text:
        return "It mixes Windows and Unix line endings, or a quote is not closed. Export it again."
    return text
