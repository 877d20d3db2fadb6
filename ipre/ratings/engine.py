"""Connections to the store: SQLite, set up so that no saved rating is ever lost, or PostgreSQL through libpq."""

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

# Seconds that a writer waits for other writers.
PATIENCE = 30
# Only the user and the folder's group may read what is written about customers. The group may write, because readers
# of SQLite write files beside it.
FILE_MODE, FOLDER_MODE = 0o660, 0o2770
# For pg_advisory_lock; any number that no other program uses.
MAKING_TABLES = 4_773_726_577


def connected(address: Address) -> Engine:
    """Connect to the store; make file and tables if there are none. Raises StoreUnavailable with one line."""
    with told(address):
        engine = sqlite_engine(address.file) if address.file else postgres_engine(address.server)
        if set(METADATA.tables) - set(inspect(engine).get_table_names()):
            with engine.execution_options(writes=True).begin() as connection:
                if connection.dialect.name == "postgresql":  # Two processes do so one after the other.
                    connection.execute(text(f"select pg_advisory_xact_lock({MAKING_TABLES})"))
                METADATA.create_all(connection)
    return engine


def sqlite_engine(file: Path) -> Engine:
    """Connect to a file; make it if there is none."""
    make_file(file)

    def connect() -> sqlite3.Connection:
        # SQLAlchemy begins transactions (below), not Python's sqlite3.
        connection = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        set_up(connection, file)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: SQLite refuses, without waiting, one that reads first and then writes.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine


def make_file(file: Path) -> None:
    """Make an empty file that its user and group may read and write, and its folder."""
    if not file.parent.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.parent.chmod(FOLDER_MODE)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR)
        os.fchmod(descriptor, FILE_MODE)
        os.close(descriptor)


def set_up(connection: sqlite3.Connection, file: Path) -> None:
    """Turn on the write-ahead log, so that a run reads while others write, and full synchronization to disk."""
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
            f"ipre ratings: SQLite cannot use a write-ahead log for {file}, probably because its folder is on a "
            "network drive. Set IPRE_RATINGS_URL to a file on a local disk or to a PostgreSQL database."
        )


def postgres_engine(address: str) -> Engine:
    """Connect to a database; the address may contain anything that libpq knows."""
    try:
        import psycopg
    except ImportError as error:
        raise StoreUnavailable("ipre ratings: PostgreSQL needs psycopg. Install requirements/remote.txt.") from error
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(address, connect_timeout=10),
        poolclass=QueuePool,
        # Reconnects after a restart of the server.
        pool_pre_ping=True,
    )


@contextlib.contextmanager
def told(address: Address) -> Iterator[None]:
    """Turn errors into one line that names the store and says what to do."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()] or [type(cause).__name__]
        why = lines[0].rstrip(".")
        raise StoreUnavailable(f"ipre ratings: {address}: {why}. {advice(address, why)}") from error


def advice(address: Address, problem: str) -> str:
    """Return what to do about an error of SQLite or PostgreSQL."""
    small = problem.lower()
    if "readonly" in small or "read-only" in small or "permission denied" in small or "unable to open" in small:
        what = "the file and its folder" if address.file else f"the tables {', '.join(METADATA.tables)}"
        return f"Give this user the right to write {what}."
    if "full" in small or "no space" in small:
        return "Free some space and save again."
    if "locked" in small:
        return f"Another program has been writing for more than {PATIENCE} seconds. Stop it and save again."
    if "not a database" in small or "malformed" in small:
        return "The file is damaged or not SQLite. Correct IPRE_RATINGS_URL, or restore the back-up."
    return "Correct IPRE_RATINGS_URL, or save again when the store is available."
