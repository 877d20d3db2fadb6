"""The published tables in a PostgreSQL database, for dashboards that read no files.

The folder is the truth, and the database follows what it shows: after a publication, after a rollback, and at the
start of the next run where it could not. All rows change in one transaction, by DELETE and COPY: a TRUNCATE would keep
readers waiting, and be seen as empty tables by a reader whose transaction began before. No table is ever dropped or
made again, so that the views, the rights and the indexes that people gave it stay.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from .input_databases import holds_password, parsed
from .published_folder import PublishedFolder, read_parquet, run_of
from .run_log import RUN_LOG
from .set_files import Table, rows_in
from .warehouse import Refused, first_line, literal, quoted

if TYPE_CHECKING:
    import psycopg

# Types of the contract that PostgreSQL calls otherwise.
TYPES = {"string": "text", "double": "double precision"}
# The last words of a table's comment: only tables that have it are ever written.
MARK = "Published by ipre."
# Set for each transaction, because a pooler may use another connection for each. The wait is short: a reader that keeps
# a table open while a column is added to it would block every other reader.
PATIENCE = "".join(
    f"set local {setting};"
    for setting in ("lock_timeout = '30s'", "statement_timeout = 0", "idle_in_transaction_session_timeout = 0")
)
OPTIONS = {"connect_timeout": 10, "keepalives_idle": 30, "prepare_threshold": None}
CHUNK = 1 << 20


class PublishedDatabase:
    """One schema of a PostgreSQL database. Relations that ipre did not make stay as they are."""

    def __init__(self, address: str) -> None:
        """address: what publish_to says. Raises Refused unless it is PostgreSQL's and has no password."""
        url = parsed(address)
        if url.get_backend_name() not in ("postgresql", "postgres"):
            raise Refused(
                "ipre parameter: publish_to is not the address of a PostgreSQL database. Write "
                "postgresql://user@host/database?schema=ipre; for other databases, load the published files."
            )
        if holds_password(url, address):
            raise Refused(
                "ipre parameter: publish_to contains a password. Remove it and set PGPASSWORD or PGPASSFILE instead."
            )
        self.schema = str(url.query.get("schema", "ipre"))
        self.address = url.set(drivername="postgresql").difference_update_query(["schema"]).render_as_string()
        try:
            import psycopg
        except ImportError as error:
            raise Refused(
                "ipre: publish_to needs psycopg, which is not installed. Install requirements/remote.txt."
            ) from error
        self.driver = psycopg

    def __str__(self) -> str:
        """What messages call it."""
        return f"the schema {self.schema} of {self.address}"

    def follow(self, cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder, tables: list[Table]) -> str:
        """Fill the database with the set that the folder shows; say in one line what prevented it.

        Raises Refused when the schema is not this warehouse's to fill.
        """
        try:
            with folder.locked(), self.driver.connect(self.address, autocommit=True, **OPTIONS) as connection:
                self.fill(connection, cursor, folder, tables)
        except (self.driver.Error, duckdb.Error, OSError) as error:
            return (
                f"ipre: {self} could not be updated, so its readers still see what they saw before: "
                f"{first_line(error).rstrip('.')}. The next run or rollback tries again."
            )
        return ""

    def fill(
        self,
        connection: psycopg.Connection,
        cursor: duckdb.DuckDBPyConnection,
        folder: PublishedFolder,
        tables: list[Table],
    ) -> None:
        """Make the tables what the set that the folder shows says, unless they are."""
        there = self.columns(connection, [table.name for table in tables])
        if (RUN_LOG in there and self.shows(connection, cursor, folder)) or not folder.shown():
            return
        with connection.transaction():  # One of its own, because it keeps readers out until it ends.
            connection.execute(PATIENCE)
            for table in tables:
                for column, kind in table.columns.items():
                    if table.name in there and column not in there[table.name]:
                        added = f"{quoted(column)} {TYPES.get(kind, kind)}"
                        connection.execute(f"alter table {self.name(table.name)} add column {added}")
        with connection.transaction(), folder.new_set() as aside:
            connection.execute(PATIENCE)
            if RUN_LOG in there:  # What a killed run had begun is undone, or done, before this goes on.
                connection.execute(f"lock table {self.name(RUN_LOG)} in share row exclusive mode")
            elif not connection.execute("select 1 from pg_namespace where nspname = %s", [self.schema]).fetchall():
                connection.execute(f"create schema {quoted(self.schema)}")
            for name in there:  # Those of another ranker, too: their rows are another run's.
                connection.execute(f"delete from {self.name(name)}")
            for table in tables:
                if table.name not in there:
                    connection.execute(self.created(table))
                connection.execute(self.described(table))
                self.load(connection, cursor, table, rows_in(cursor, table, folder.current / table.file), aside)

    def load(
        self, connection: psycopg.Connection, cursor: duckdb.DuckDBPyConnection, table: Table, query: str, aside: Path
    ) -> None:
        """Load the rows of a query by COPY, which takes its lines from a file in a folder that is cleared."""
        lines = aside / f"{table.name}.csv"
        cursor.execute(f"copy ({query}) to {literal(lines)} (format csv, header false)")
        into = f"{self.name(table.name)} ({', '.join(map(quoted, table.columns))})"
        with (
            lines.open("rb") as file,
            connection.cursor().copy(f"copy {into} from stdin (format csv, encoding 'UTF8')") as copy,
        ):
            while chunk := file.read(CHUNK):
                copy.write(chunk)
        lines.unlink()

    def columns(self, connection: psycopg.Connection, wanted: list[str]) -> dict[str, set[str]]:
        """Return the tables that ipre made: name -> columns. Raises Refused when another table has a wanted name."""
        found = connection.execute(
            "select relname, coalesce(obj_description(pg_class.oid, 'pg_class') like %s, false), array("
            "select attname::text from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped) "
            "from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid "
            "where nspname = %s and relkind in ('r', 'p', 'v', 'm', 'f') order by relname",
            [f"%{MARK}", self.schema],
        ).fetchall()
        if foreign := [name for name, is_ours, _ in found if name in wanted and not is_ours]:
            raise Refused(
                f"ipre: {foreign[0]} in {self} was not made by ipre. Rename it, or set another schema in publish_to."
            )
        return {name: set(columns) for name, is_ours, columns in found if is_ours}

    def shows(self, connection: psycopg.Connection, cursor: duckdb.DuckDBPyConnection, folder: PublishedFolder) -> bool:
        """Whether readers of the database see what the folder shows.

        Raises Refused where they see what another warehouse published: they would be given the lists of other data.
        """
        ours = set()
        if folder.shown():
            log = read_parquet(folder.current / f"{RUN_LOG}.parquet")
            ours = {run_id for (run_id,) in cursor.execute(f"select run_id from {log}").fetchall()}
        logged = connection.execute(
            f"select run_id, published_run_id is not null from {self.name(RUN_LOG)} order by started_at desc, run_id"
        ).fetchall()
        if logged and ours.isdisjoint(run_id for run_id, _ in logged):
            raise Refused(
                f"ipre: {self} shows what another warehouse published. Set another schema in publish_to; or, to show "
                f"these lists there from now on, run: delete from {self.name(RUN_LOG)}"
            )
        newest = next((run_id for run_id, is_shown in logged if is_shown), None)
        return folder.shown() is not None and newest == run_of(folder.shown())

    def name(self, table: str) -> str:
        """Return the full name of a table."""
        return f"{quoted(self.schema)}.{quoted(table)}"

    def created(self, table: Table) -> str:
        """Return the statement that makes a table."""
        lines = [f"{quoted(name)} {TYPES.get(kind, kind)}" for name, kind in table.columns.items()]
        key = [f"primary key ({', '.join(map(quoted, table.key))})"] if table.key else []
        return f"create table {self.name(table.name)} ({', '.join(lines + key)})"

    def described(self, table: Table) -> str:
        """Return the statements that put the descriptions of the properties files beside a table and its columns."""
        name = self.name(table.name)
        return f"comment on table {name} is {text(table.comments.get('', '') + ' ' + MARK)};" + "".join(
            f"comment on column {name}.{quoted(column)} is {text(said)};"
            for column, said in table.comments.items()
            if column
        )


def text(words: str) -> str:
    """Return a text as a literal that no setting of the server's reads otherwise."""
    escaped = " ".join(words.split()).replace("\\", "\\\\").replace("'", "''")
    return f"E'{escaped}'"
