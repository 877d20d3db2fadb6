"""Databases that SQLAlchemy knows as a source: rows come in batches, all tables as they are at one moment.

DuckDB has extensions for some kinds, but loads them from the internet at run time, which a build server often cannot
reach.
"""

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from .input_relations import RelationName
from .input_tables import FLOAT_HOLDS_BELOW, Columns, InputTable, is_id
from .warehouse import Refused, first_line, quoted

PASSWORD_VARIABLE = "IPRE_DATABASE_PASSWORD"
BATCH = 50_000
# Options of a connection that reads all tables as they are at one moment; other kinds use their driver's default.
OPTIONS = {"postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}}
FIRST = {
    "sqlite": ["begin"],
    "postgresql": [
        # The time zone stays the server's, in which a moment has the day that people see there.
        f"set local {setting}"
        for setting in ("datestyle = 'ISO, YMD'", "client_encoding = 'UTF8'")
    ],
}
# PostgreSQL converts all other types to text, so that a date that Python cannot represent rejects one row only.
NO_TEXTS = (sa.DOUBLE_PRECISION, sa.NUMERIC, sa.LargeBinary)


def connected(engine: sa.Engine) -> sa.Connection:
    """Open the one transaction in which everything is read. Raises what the driver raises."""
    connection = engine.execution_options(**OPTIONS.get(engine.dialect.name, {})).connect()
    for statement in FIRST.get(engine.dialect.name, []):
        connection.exec_driver_sql(statement)
    return connection


@dataclass(frozen=True)
class DatabaseRelation:
    """A table or view of such a database. order_by: SQL that numbers its rows; empty: as they were written, or all."""

    source: RelationName
    connection: sa.Connection
    order_by: str = ""

    @cached_property
    def types(self) -> dict[str, sa.types.TypeEngine]:
        """Its columns: name -> type."""
        found = sa.inspect(self.connection).get_columns(self.source.relation, self.source.schema)
        return {column["name"]: column["type"] for column in found}

    def keeps_order(self) -> bool:
        """Whether its rows are numbered as they were written. SQLite's are, unless a column is called rowid."""
        inspector, relation, schema = sa.inspect(self.connection), self.source.relation, self.source.schema
        return (
            self.connection.dialect.name == "sqlite"
            and relation in inspector.get_table_names(schema)
            and inspector.get_table_options(relation, schema).get("sqlite_with_rowid", True)
            and "rowid" not in map(str.lower, self.types)
        )

    def query(self, columns: Iterable[str]) -> sa.Select:
        """Return the query of these columns, in batches, so that the relation is never in memory as a whole.

        It knows no types: SQLAlchemy would refuse a text in a column of dates, where staging rejects the row.
        """
        server_makes_texts = self.connection.dialect.name == "postgresql"
        selected = [
            sa.cast(sa.column(name), sa.Text)
            if server_makes_texts and not isinstance(self.types[name], NO_TEXTS)
            else sa.column(name)
            for name in columns
        ]
        query = sa.select(*selected).select_from(sa.table(self.source.relation, schema=self.source.schema))
        ordered = query.order_by(sa.column("rowid")) if self.keeps_order() else query
        return ordered.execution_options(stream_results=True, max_row_buffer=BATCH)

    def columns(self, cursor: duckdb.DuckDBPyConnection) -> Columns:
        """List its columns."""
        try:
            return list(self.types.items())
        except sa.exc.SQLAlchemyError as error:
            raise self.source.refused(f"it cannot be read. {said(error)}.") from error

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable, columns: Columns) -> None:
        """Add its rows to `input.<table>`."""
        try:
            read = [column for column in table.columns if table.in_source(column) in self.types]
            rows = self.connection.execute(self.query(map(table.in_source, read)))
            load(cursor, read, rows.partitions(BATCH))
            order_by = self.order_by or ("rowid" if self.keeps_order() else "all")
        except UnicodeDecodeError as error:
            raise self.source.refused("a binary value is not UTF-8. Convert the column to UTF-8 text.") from error
        except sa.exc.SQLAlchemyError as error:
            raise self.source.refused(f"it cannot be read. {said(error)}.") from error
        cursor.execute(f"insert into input.{table.name} by name select * from temp.loaded_rows order by {order_by}")
        cursor.execute("drop table temp.loaded_rows")


def load(cursor: duckdb.DuckDBPyConnection, columns: list[str], batches: Iterable[Iterable[Any]]) -> None:
    """Load rows into `temp.loaded_rows`, every value as text."""
    import pandas as pd  # Here, because it takes half a second that other sources do not need.

    types = ", ".join(f"{quoted(name)} varchar" for name in columns)
    cursor.execute(f"create or replace temp table loaded_rows ({types})")
    for batch in batches:
        cells = zip(columns, zip(*batch, strict=True), strict=True)
        frame = {name: [text_of_cell(cell, is_id=is_id(name)) for cell in part] for name, part in cells}
        cursor.append("loaded_rows", pd.DataFrame(frame, dtype="string"))


def text_of_cell(cell: Any, *, is_id: bool) -> str | None:
    """Return the text that DuckDB would make of a value; of an id that is a number see input_tables.py, text_of."""
    match cell:
        case None | str():
            return cell
        case float() | Decimal():
            text = repr(cell) if isinstance(cell, float) else format(cell, "f")
            if not is_id:
                return text
            if isinstance(cell, float) and abs(cell) >= FLOAT_HOLDS_BELOW["DOUBLE"]:
                return f"{cell:e}"
            return None if text == "nan" else re.sub("[.]0+$", "", text)
        case bool():
            return str(cell).lower()
        case datetime():
            return cell.isoformat(" ")
        case bytes() | memoryview():
            return bytes(cell).decode()
    return str(cell)


class Databases(contextlib.ExitStack):
    """The databases that input_databases names; each is opened when a relation of it is looked for."""

    def __init__(self, addresses: dict[str, str]) -> None:
        """addresses: name -> address of SQLAlchemy's."""
        super().__init__()
        self.addresses = addresses
        self.opened: dict[str, sa.Connection] = {}

    def find(self, name: RelationName) -> DatabaseRelation:
        """Find a relation of the database that its name begins with."""
        if name.database not in self.opened:
            opened = open_database(name.database, self.addresses[name.database])
            self.opened[name.database] = self.enter_context(opened)
        connection = self.opened[name.database]
        inspector = sa.inspect(connection)
        try:
            if not inspector.has_table(name.relation, name.schema):
                is_there = name.schema in inspector.get_schema_names()
                raise name.missing(relations(inspector, name.schema) if is_there else [])
        except sa.exc.SQLAlchemyError as error:
            raise name.refused(f"its database cannot be read. {said(error)}.") from error
        return DatabaseRelation(name, connection)


def relations(inspector: sa.Inspector, schema: str | None) -> list[str]:
    """List the tables and views of a schema."""
    return inspector.get_table_names(schema) + inspector.get_view_names(schema)


def open_database(name: str, address: str) -> sa.Connection:
    """Open a database by its address, or say in one line why not, without its password."""
    try:
        return connected(engine_of(checked_url(name, address)))
    except Refused:
        raise
    except (sa.exc.NoSuchModuleError, ImportError) as error:
        raise Refused(
            f"ipre input: the database {name} of input_databases needs a package that is not installed "
            f"({said(error)}). Install requirements/remote.txt for PostgreSQL; for another database, its driver "
            "and its SQLAlchemy dialect package."
        ) from error
    except Exception as error:  # A driver may raise anything.
        raise Refused(
            f"ipre input: the database {name} of input_databases cannot be opened ({said(error)}). Check its address "
            "and that it is running."
        ) from error


def checked_url(name: str, address: str) -> sa.URL:
    """Parse an address. Raises Refused for an invalid one, and for one with a password, because messages show it."""
    url = parsed(re.sub("^sqlite:(?!//)", "sqlite:///", address))
    if not (url.database or url.host or url.query):
        raise Refused(
            f"ipre parameter: input_databases: the address of {name} is not valid. Write sqlite: and the path of the "
            "file, postgresql://user@host/database, or the SQLAlchemy address of another database."
        )
    if holds_password(url, address):
        raise Refused(
            f"ipre parameter: input_databases: the address of {name} contains a password (it would appear in "
            f"logs). Remove it and set {PASSWORD_VARIABLE} instead, or for PostgreSQL PGPASSWORD or PGPASSFILE."
        )
    return url


def parsed(address: str) -> sa.URL:
    """Parse an address; an invalid one becomes one that leads nowhere."""
    try:
        return sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        return sa.URL.create("none")


def holds_password(url: sa.URL, address: str) -> bool:
    """Whether there is a password in an address."""
    return bool(url.password or re.search("(?i)(password|passwd|pwd)=", unquote(address)))


def engine_of(url: sa.URL) -> sa.Engine:
    """Return the engine of an address; it keeps no connections."""
    if url.get_backend_name() == "sqlite":
        return sqlite_engine(Path(url.database))
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg").update_query_dict({"connect_timeout": "10"})
    if url.username and (password := os.environ.get(PASSWORD_VARIABLE)):
        url = url.set(password=password)
    return sa.create_engine(url, poolclass=NullPool)


def sqlite_engine(file: Path) -> sa.Engine:
    """Return the engine of a SQLite file that is only read."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    return sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False),
        poolclass=NullPool,
    )


def said(error: Exception) -> str:
    """Return the driver's message in one line, without the query and the link that SQLAlchemy adds."""
    return first_line(getattr(error, "orig", None) or error).rstrip(".")
