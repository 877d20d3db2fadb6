"""Ratings that people give in the app and the worksheets as a source: the store that IPRE_RATINGS_URL names.

Both tables are read as they are at one moment, while others continue to write.
"""

import sqlite3
from contextlib import closing

import duckdb

from ipre.ratings.address import VARIABLE, Address, address_of
from ipre.ratings.errors import RatingsError

from .input_relations import RelationName
from .input_rows import make_empty, number_rows
from .input_tables import InputTable, check_columns
from .warehouse import Refused, first_line, transaction


def read_ratings(connection: duckdb.DuckDBPyConnection, tables: list[InputTable], data_kind: str) -> None:
    """Read every table of the store into `input.<table>`, all or none; without a store they have no rows.

    tables: of the store; data_kind: own or demo. Raises Refused with one line when a store that exists, or is
    named, cannot be read.
    """
    cursor = connection.cursor()
    try:
        address = address_of(data_kind)
        with transaction(cursor):
            for table in tables:
                make_empty(cursor, table)
            if has_store(address):
                read_tables(cursor, tables, address)
            for table in tables:
                number_rows(cursor, table.name)
    except RatingsError as error:
        raise Refused(str(error)) from error


def has_store(address: Address) -> bool:
    """Whether there is anything to read. A file that is named must exist."""
    if address.file is None:
        return address.server is not None
    try:
        if address.file.exists():
            return True
    except OSError as error:
        raise unreadable(address, error) from error
    if address.is_named:
        raise Refused(
            f"ipre ratings: the file {address.file} of {VARIABLE} does not exist. Correct the path. To create a new "
            "store, start the app or import a worksheet."
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
                    continue
                if table.name not in found:
                    raise Refused(
                        f"ipre ratings: {address} is not a ratings store: it has no table {table.name}. Correct "
                        f"{VARIABLE}. To create the tables, start the app or import a worksheet."
                    )
                name = RelationName("relation", f"{table.name} of {address}", None, schema, table.name)
                # In the order of the events, in whatever order a server returns them.
                key, time = table.required[0], next(name for name in table.required if name.endswith("_at"))
                relation = DatabaseRelation(name, store, order_by=f"{time}, {key}")
                columns = relation.columns(cursor)
                check_columns(name, columns, table)
                relation.read(cursor, table, columns)
    except (Refused, RatingsError, duckdb.Error):
        raise
    except Exception as error:  # A driver may raise anything.
        raise unreadable(address, getattr(error, "orig", None) or error) from error


def unreadable(address: Address, error: Exception) -> Refused:
    """Return the error for a store that cannot be read."""
    if isinstance(error, (sqlite3.OperationalError, OSError)):
        what = (
            "To read a SQLite file that others write, the build must be able to write beside it: give the users of the "
            "build and the app a common group with write access to the file and its folder (docs/ratings.md)."
        )
    else:
        what = f"Correct {VARIABLE}." if address.file else f"Check {VARIABLE} and that the server is running."
    return Refused(f"ipre ratings: {address} cannot be read ({first_line(error)}). {what}")
