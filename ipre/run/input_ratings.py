"""The door for ratings that people give through the app and the worksheets: the store that IPRE_RATINGS_URL names.

Both tables are read as they are at one moment, while others go on writing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import duckdb

from ipre.ratings.address import VARIABLE, Address, address_of
from ipre.ratings.errors import RatingsError

from .input_relations import RelationName
from .input_rows import number_rows
from .input_tables import InputTable, check_columns
from .inputs import make_empty
from .warehouse import Refused, first_line


def read_ratings(connection: duckdb.DuckDBPyConnection, tables: list[InputTable], data_kind: str) -> None:
    """Read every table of the store into `input.<table>`, all or none; without a store they have no rows.

    tables: of the store; data_kind: own or demo. Raises Refused with one line when a store that is there, or that
    somebody named, cannot be read.
    """
    try:
        address = address_of(data_kind)
    except RatingsError as error:
        raise Refused(str(error)) from error
    cursor = connection.cursor()
    cursor.execute("create schema if not exists input")
    cursor.execute("begin")
    try:
        if has_store(address):
            read_tables(cursor, tables, address)
        else:
            for table in tables:
                make_empty(cursor, table)
        for table in tables:
            number_rows(cursor, table.name)
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def has_store(address: Address) -> bool:
    """Return whether there is anything to read. A file that somebody named must be there."""
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


def read_tables(cursor: duckdb.DuckDBPyConnection, tables: list[InputTable], address: Address) -> None:
    """Read the tables in one transaction of the store's."""
    import sqlalchemy as sa  # Here and below, because it takes a quarter of a second that a run without ratings saves.

    from ipre.ratings.engine import postgres_engine

    from .input_databases import DatabaseRelation, connected, relations, sqlite_engine

    try:
        engine = sqlite_engine(address.file) if address.file else postgres_engine(address.server)
        with closing(connected(engine)) as store:
            inspector = sa.inspect(store)
            schema = inspector.default_schema_name
            found = relations(inspector, schema)
            for table in tables:
                # The app makes a file before it makes the tables in it.
                if address.file and not found:
                    make_empty(cursor, table)
                    continue
                if table.name not in found:
                    raise no_store(address, table.name)
                name = RelationName(f"{table.name} of {address}", None, schema, table.name)
                relation = DatabaseRelation(name, store)
                columns = relation.columns(cursor)
                check_columns(name.source, columns, table)
                relation.read(cursor, table, columns)
                # In the order of the events, whatever order a server gives them in.
                key, time = table.required[0], next(name for name in table.required if name.endswith("_at"))
                cursor.execute(
                    f"create or replace table input.{table.name} as from input.{table.name} order by {time}, {key}"
                )
    except (Refused, duckdb.Error):
        raise
    except RatingsError as error:
        raise Refused(str(error)) from error
    except Exception as error:  # A driver may raise what it likes.
        raise unreadable(address, getattr(error, "orig", None) or error) from error


def no_store(address: Address, missing: str) -> Refused:
    """Word that a database is another one."""
    return Refused(
        f"ipre ratings: {address} is no store of ratings: there is no table {missing} in it. Correct {VARIABLE}; the "
        "tables are made by the app when it starts, or by the first import of worksheets."
    )


def unreadable(address: Address, error: Exception) -> Refused:
    """Word that a store cannot be read, and what to do."""
    if isinstance(error, (sqlite3.OperationalError, OSError)):
        what = (
            "Who reads a SQLite file that others write writes beside it: give the user of the build and the user of "
            "the app a common group that may write the file and its folder (docs/ratings.md)."
        )
    else:
        what = f"Correct {VARIABLE}, or wait until it is there."
    return Refused(f"ipre ratings: {address} cannot be read ({first_line(error)}). {what}")
