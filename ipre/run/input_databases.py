"""The door for databases that Python reads: SQLite with the standard library, PostgreSQL with psycopg.

DuckDB has extensions for both, but loads them from the internet at run time, which a build server often cannot reach.
Rows come in batches, all tables as they are at one moment.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import duckdb

from .input_relations import RelationName
from .input_tables import InputTable, Source, check_columns, is_id, text_of
from .warehouse import Refused, first_line, quoted

BATCH = 50_000
POSTGRES = ("postgresql", "postgres")
# PostgreSQL's types of values that are handed on as they are, and DuckDB's types for them. All others the server makes
# texts of, with these settings the texts that DuckDB makes.
AS_THEY_ARE = {"double precision": "DOUBLE", "real": "FLOAT", "bytea": "VARCHAR"}
TEXT_SETTINGS = ("datestyle = 'ISO, YMD'", "timezone = 'UTC'", "client_encoding = 'UTF8'")


class Database(Protocol):
    """An open database. errors: what its library raises."""

    errors: tuple[type[Exception], ...]

    def schema(self) -> str:
        """Name the schema in which a table is found that is named without one."""

    def relations(self, schema: str) -> list[str]:
        """List the tables and views of a schema."""

    def columns(self, schema: str, relation: str) -> dict[str, str]:
        """List a relation's columns: name -> type in DuckDB's words; VARCHAR where any value may stand."""

    def rows(self, schema: str, relation: str, columns: list[str]) -> Iterator[list[tuple]]:
        """Read a relation in batches."""

    def keeps_order(self, schema: str, relation: str) -> bool:
        """Say whether the rows come in the same order every time."""

    def close(self) -> None:
        """Close it."""


class Sqlite:
    """A SQLite file, opened for reading."""

    errors = (sqlite3.Error,)

    def __init__(self, path: str) -> None:
        """path: of the file."""
        self.connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self.connection.execute("begin")

    def schema(self) -> str:
        """Name SQLite's one schema."""
        return "main"

    def relations(self, schema: str) -> list[str]:
        """List tables and views; SQLite's one schema is called main."""
        if schema.lower() != "main":
            return []
        rows = self.connection.execute("select name from sqlite_master where type in ('table', 'view')")
        return [name for (name,) in rows]

    def columns(self, schema: str, relation: str) -> dict[str, str]:
        """List the columns. What type they declare binds no value."""
        rows = self.connection.execute("select name from pragma_table_xinfo(?) where hidden <> 1", [relation])
        return {name: "VARCHAR" for (name,) in rows}

    def rows(self, schema: str, relation: str, columns: list[str]) -> Iterator[list[tuple]]:
        """Read a relation, a table in the order in which its rows were written."""
        order = " order by rowid" if self.keeps_order(schema, relation) else ""
        cursor = self.connection.execute(f"select {', '.join(map(quoted, columns))} from {quoted(relation)}{order}")
        yield from iter(lambda: cursor.fetchmany(BATCH), [])

    def keeps_order(self, schema: str, relation: str) -> bool:
        """Say whether it is a table with numbered rows. A column of the name would hide the number."""
        kinds = self.connection.execute("select type from sqlite_master where lower(name) = lower(?)", [relation])
        if ("table",) not in kinds.fetchall() or "rowid" in map(str.lower, self.columns(schema, relation)):
            return False
        try:
            self.connection.execute(f"select rowid from {quoted(relation)} limit 0")
        except sqlite3.OperationalError:
            return False
        return True

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


class Postgres:
    """A PostgreSQL database; password and certificates are libpq's business (PGPASSWORD, PGPASSFILE, PGSERVICE)."""

    def __init__(self, address: str) -> None:
        """address: postgresql://user@host:port/database."""
        try:
            import psycopg
        except ImportError as error:
            raise Refused(
                "ipre input: a PostgreSQL database cannot be read without psycopg. Install requirements/remote.txt."
            ) from error
        self.errors = (psycopg.Error,)
        self.connection = psycopg.connect(address, connect_timeout=10)
        self.connection.execute("set transaction isolation level repeatable read read only")
        for setting in TEXT_SETTINGS:
            self.connection.execute(f"set local {setting}")

    def schema(self) -> str:
        """Name the first schema of the search path."""
        [(name,)] = self.connection.execute("select current_schema()").fetchall()
        return name or "public"

    def relations(self, schema: str) -> list[str]:
        """List tables and views, partitioned, foreign and materialized ones too."""
        rows = self.connection.execute(
            "select relname from pg_class where relnamespace = (select oid from pg_namespace where nspname = %s) "
            "and relkind in ('r', 'p', 'v', 'm', 'f')",
            [schema],
        )
        return [name for (name,) in rows.fetchall()]

    def columns(self, schema: str, relation: str) -> dict[str, str]:
        """List the columns."""
        kinds = AS_THEY_ARE | {"numeric": "DECIMAL"}
        return {name: kinds.get(kind, "VARCHAR") for name, kind in self.types(schema, relation).items()}

    def types(self, schema: str, relation: str) -> dict[str, str]:
        """List the columns with the types that the server knows."""
        rows = self.connection.execute(
            "select attname, atttypid::regtype::text from pg_attribute where attrelid = %s::regclass "
            "and attnum > 0 and not attisdropped order by attnum",
            [f"{quoted(schema)}.{quoted(relation)}"],
        )
        return dict(rows.fetchall())

    def rows(self, schema: str, relation: str, columns: list[str]) -> Iterator[list[tuple]]:
        """Read a relation through a cursor of the server's, so that it is never in memory as a whole."""
        types = self.types(schema, relation)
        selected = ", ".join(quoted(name) + ("" if types[name] in AS_THEY_ARE else "::text") for name in columns)
        with self.connection.cursor(name="ipre") as cursor:
            cursor.execute(f"select {selected} from {quoted(schema)}.{quoted(relation)}")
            yield from iter(lambda: cursor.fetchmany(BATCH), [])

    def keeps_order(self, schema: str, relation: str) -> bool:
        """Say that nobody knows the order: an update moves a row."""
        return False

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


@dataclass(frozen=True)
class DatabaseRelation:
    """A table or view of such a database."""

    name: RelationName
    database: Database

    @property
    def source(self) -> Source:
        """What messages call it."""
        return self.name.source

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable) -> None:
        """Read it into `input.<table>`."""
        schema, relation = self.name.schema, self.name.relation
        try:
            kinds = self.database.columns(schema, relation)
            check_columns(self.source, list(kinds), table)
            read = [column for column in table.columns if table.in_source(column) in kinds]
            batches = self.database.rows(schema, relation, [table.in_source(column) for column in read])
            load(cursor, read, batches)
            order = "rowid" if self.database.keeps_order(schema, relation) else "all"
        except UnicodeDecodeError as error:
            raise self.source.refused("a value of bytes is not UTF-8. Make it a text in UTF-8.") from error
        except self.database.errors as error:
            raise self.source.refused(f"it cannot be read. {first_line(error)}") from error
        texts = {column: text_of_loaded(column, kinds[table.in_source(column)]) for column in read}
        selected = ", ".join(f"{texts.get(column, 'cast(null as varchar)')} as {column}" for column in table.columns)
        cursor.execute(
            f"create or replace table input.{table.name} as select {selected} from temp.loaded_rows order by {order}"
        )
        cursor.execute("drop table temp.loaded_rows")


def load(cursor: duckdb.DuckDBPyConnection, columns: list[str], batches: Iterable[list[tuple]]) -> None:
    """Load rows into `temp.loaded_rows`. Each column is two: texts, and the digits of values that are floats."""
    import pandas as pd  # Here, because it takes half a second that no other door needs.

    names = [name for column in columns for name in (column, f"{column} as float")]
    types = ", ".join(f"{quoted(name)} varchar" for name in names)
    cursor.execute(f"create or replace temp table loaded_rows ({types})")
    for batch in batches:
        values = zip(columns, zip(*batch, strict=True), strict=True)
        frame = {name: part for column, cells in values for name, part in texts_and_floats(column, cells).items()}
        cursor.register("batch", pd.DataFrame(frame, columns=names, dtype="string"))
        cursor.execute("insert into temp.loaded_rows select * from batch")
        cursor.unregister("batch")


def texts_and_floats(column: str, cells: tuple) -> dict[str, list[str | None]]:
    """Give the two columns that a column is loaded as; DuckDB makes the texts of floats."""
    floats = [repr(cell) if isinstance(cell, float) else None for cell in cells]
    return {column: [text_of_cell(cell) for cell in cells], f"{column} as float": floats}


def text_of_cell(cell: Any) -> str | None:
    """Give the text of a value that is no float."""
    if cell is None or isinstance(cell, float):
        return None
    return cell.decode() if isinstance(cell, bytes) else str(cell)


def text_of_loaded(column: str, kind: str) -> str:
    """Give SQL of the text of a loaded column. kind: what the database says of it."""
    float_kind = "FLOAT" if kind == "FLOAT" else "DOUBLE"
    number = f"cast({quoted(f'{column} as float')} as {float_kind})"
    of_float = text_of(number, float_kind, is_id=is_id(column))
    of_text = text_of(quoted(column), "DECIMAL" if kind == "DECIMAL" else "VARCHAR", is_id=is_id(column))
    return f"coalesce({of_float}, {of_text})"


class Databases:
    """The databases that input_databases names; each is opened when a relation of it is looked for."""

    def __init__(self, addresses: dict[str, str]) -> None:
        """addresses: name -> sqlite:PATH or postgresql://..."""
        self.addresses = addresses
        self.opened: dict[str, Database] = {}

    def __enter__(self) -> Databases:
        """Open nothing yet."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close what was opened."""
        for database in self.opened.values():
            with contextlib.suppress(*database.errors):
                database.close()

    def find(self, name: RelationName) -> DatabaseRelation:
        """Find a relation of the database that its name begins with."""
        if name.database not in self.opened:
            self.opened[name.database] = open_database(name.database, self.addresses[name.database])
        database = self.opened[name.database]
        try:
            found = database.relations(name.schema)
        except database.errors as error:
            raise name.source.refused(f"its database cannot be read. {first_line(error)}") from error
        if name.relation not in found:
            raise name.missing(found)
        return DatabaseRelation(name, database)


def open_database(name: str, address: str) -> Database:
    """Open a database by its address."""
    kind, _, path = address.partition(":")
    if kind.lower() not in ("sqlite", *POSTGRES) or not path:
        raise Refused(
            f"ipre parameter: input_databases gives {name} an address that is none. Write sqlite: and the path of the "
            "file, or postgresql://user@host/database."
        )
    if kind.lower() == "sqlite":
        return connected(name, Sqlite, path)
    parts = urlsplit(address)
    if parts.password or "password" in parse_qs(parts.query):
        raise Refused(
            f"ipre parameter: input_databases gives a password for {name}. Leave it out, and put it into PGPASSWORD or "
            "a file that PGPASSFILE names."
        )
    return connected(name, Postgres, address)


def connected(name: str, kind: type[Sqlite] | type[Postgres], address: str) -> Database:
    """Connect, or say in one line why not."""
    try:
        return kind(address)
    except Refused:
        raise
    except Exception as error:  # psycopg, which may not be there, has errors of its own.
        raise Refused(
            f"ipre input: the database {name} of input_databases cannot be opened ({first_line(error)})."
        ) from error
