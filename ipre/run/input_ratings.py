"""The door for ratings that people give through the app and the worksheets: the store that IPRE_RATINGS_URL names.

Python reads it, SQLite with the standard library, PostgreSQL with psycopg: the build needs neither SQLAlchemy nor an
extension of DuckDB's. Both tables are read as they are at one moment, while others go on writing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import duckdb

from ipre.ratings.address import VARIABLE, Address, address_of
from ipre.ratings.errors import AddressRefused

from .input_databases import Database, DatabaseRelation, Postgres, Sqlite
from .input_relations import RelationName
from .input_rows import number_rows
from .input_tables import InputTable
from .warehouse import Refused


def read_ratings(connection: duckdb.DuckDBPyConnection, tables: list[InputTable], data_kind: str) -> None:
    """Read every table of the store into `input.<table>`, all or none; without a store they have no rows.

    tables: of the store; data_kind: own or demo. Raises Refused with one line when a store that is there, or that
    somebody named, cannot be read.
    """
    try:
        address = address_of(data_kind)
    except AddressRefused as error:
        raise Refused(str(error)) from error
    cursor = connection.cursor()
    cursor.execute("create schema if not exists input")
    cursor.execute("begin")
    try:
        if has_store(address):
            read_tables(cursor, tables, address)
        else:
            make_empty(cursor, tables)
        for table in tables:
            number_rows(cursor, table.name)
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def has_store(address: Address) -> bool:
    """Say whether there is anything to read. A file that somebody named must be there."""
    if address.file is None:
        return address.server is not None
    try:
        if address.file.exists():
            return True
    except OSError as error:
        raise unreadable(address, error) from error
    if address.is_named:
        raise Refused(
            f"ipre ratings: {VARIABLE} names {address.file}, and there is no such file. Correct it; a new store is "
            "made by the app when it starts, or by the first import of worksheets."
        )
    return False


def make_empty(cursor: duckdb.DuckDBPyConnection, tables: list[InputTable]) -> None:
    """Make the tables without rows."""
    for table in tables:
        columns = ", ".join(f"{column} varchar" for column in table.columns)
        cursor.execute(f"create or replace table input.{table.name} ({columns}, row_number bigint)")


def read_tables(cursor: duckdb.DuckDBPyConnection, tables: list[InputTable], address: Address) -> None:
    """Read the tables in one transaction of the store's."""
    try:
        with closing(Sqlite(str(address.file)) if address.file else Postgres(address.server)) as database:
            schema = schema_of(database, [table.name for table in tables], address)
            if schema is None:
                make_empty(cursor, tables)
                return
            for table in tables:
                name = RelationName(f"{table.name} of {address}", None, schema, table.name)
                DatabaseRelation(name, database).read(cursor, table)
                # In the order of the events, whatever order a server gives them in.
                key, time = table.required[0], next(name for name in table.required if name.endswith("_at"))
                cursor.execute(
                    f"create or replace table input.{table.name} as from input.{table.name} order by {time}, {key}"
                )
    except (Refused, duckdb.Error):
        raise
    except Exception as error:  # psycopg, which may not be there, has errors of its own.
        raise unreadable(address, error) from error


def schema_of(database: Database, tables: list[str], address: Address) -> str | None:
    """Give the schema in which the tables are; None for a SQLite file in which nothing was saved yet."""
    schema = database.schema()
    found = database.relations(schema)
    if address.file and not found:
        return None
    for table in tables:
        if table not in found:
            raise Refused(
                f"ipre ratings: {address} is no store of ratings: there is no table {table} in it. Correct {VARIABLE}; "
                "the tables are made by the app when it starts, or by the first import of worksheets."
            )
    return schema


def unreadable(address: Address, error: Exception) -> Refused:
    """Word that a store cannot be read, and what to do."""
    if isinstance(error, (sqlite3.OperationalError, OSError)):
        what = (
            "Who reads a SQLite file that others write writes beside it: give the user of the build and the user of "
            "the app a common group that may write the file and its folder (docs/ratings.md)."
        )
    else:
        what = f"Correct {VARIABLE}, or wait until it is there."
    text = str(error).splitlines() or [type(error).__name__]
    return Refused(f"ipre ratings: {address} cannot be read ({text[0].strip()}). {what}")
