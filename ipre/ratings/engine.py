"""Connections to the store: SQLite so that no acknowledged rating is ever lost, PostgreSQL as libpq finds it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from .address import Address
from .errors import StoreUnavailable
from .tables import METADATA

# Seconds that a writer waits for the others.
PATIENCE = 30
# Only the user and the group of the folder: what is written about customers is nobody else's business. The group may
# write, because whoever reads SQLite writes beside it.
FILE_MODE, FOLDER_MODE = 0o660, 0o2770
# Of pg_advisory_lock; any number that nobody else takes.
MAKING_TABLES = 4_773_726_577


def connected(address: Address) -> Engine:
    """Connect to the store; make file and tables where there are none. Raises StoreUnavailable with one line."""
    with told(address):
        engine = sqlite_engine(address.file) if address.file else postgres_engine(address.server)
        missing = set(METADATA.tables) - set(inspect(engine).get_table_names())
        if missing:
            make_tables(engine)
    return engine


def sqlite_engine(file: Path) -> Engine:
    """Connect to a file, which is made where there is none."""
    make_file(file)

    def connect() -> sqlite3.Connection:
        # SQLAlchemy begins transactions (below), not Python's sqlite3.
        connection = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        set_up(connection, file)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: one that read first and wants to write then is refused without waiting.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine


def make_file(file: Path) -> None:
    """Make an empty file that its user and group may read and write, in a folder of its own."""
    if not file.parent.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.parent.chmod(FOLDER_MODE)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR)
        os.fchmod(descriptor, FILE_MODE)
        os.close(descriptor)


def set_up(connection: sqlite3.Connection, file: Path) -> None:
    """Write ahead, so that a build reads while others write, and to the disk before a save is called done."""
    connection.execute("pragma synchronous = full")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            [(mode,)] = connection.execute("pragma journal_mode = wal").fetchall()
            break
        except sqlite3.OperationalError as error:  # SQLite does not wait here while another process does the same.
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)
    if mode != "wal":
        raise StoreUnavailable(
            f"ipre ratings: SQLite cannot write ahead in {file}: is its folder on a network drive? Name a file on a "
            "disk of this machine, or a PostgreSQL database, in IPRE_RATINGS_URL."
        )


def postgres_engine(address: str) -> Engine:
    """Connect to a database; whatever libpq knows may stand in the address."""
    try:
        import psycopg
    except ImportError as error:
        raise StoreUnavailable("ipre ratings: PostgreSQL needs psycopg. Install requirements/remote.txt.") from error
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(address, connect_timeout=10),
        poolclass=QueuePool,
        # A server that was started anew is found again.
        pool_pre_ping=True,
    )


def make_tables(engine: Engine) -> None:
    """Make what is missing; two who do so at once do it one after the other."""
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"select pg_advisory_xact_lock({MAKING_TABLES})"))
        METADATA.create_all(connection)


@contextlib.contextmanager
def told(address: Address) -> Iterator[None]:
    """Turn what goes wrong into one line that names the store and says what to do."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()] or [type(cause).__name__]
        why = lines[0].rstrip(".")
        raise StoreUnavailable(f"ipre ratings: {address}: {why}. {advice(address, why)}") from error


def advice(address: Address, problem: str) -> str:
    """Say what to do about a problem of SQLite's or PostgreSQL's."""
    small = problem.lower()
    if "readonly" in small or "read-only" in small or "permission denied" in small or "unable to open" in small:
        what = "the file and its folder" if address.file else f"the tables {', '.join(METADATA.tables)}"
        return f"Give this user the right to write {what}."
    if "full" in small or "no space" in small:
        return "Free some space and save again."
    if "locked" in small:
        return f"Somebody has been writing for more than {PATIENCE} seconds. Stop it and save again."
    if "not a database" in small or "malformed" in small:
        return "It is no SQLite file, or a damaged one. Correct IPRE_RATINGS_URL, or put the back-up in its place."
    return "Correct IPRE_RATINGS_URL, or save again when it is there."
