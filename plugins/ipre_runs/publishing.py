"""Publication: what readers see changes here and nowhere else, all of it or nothing.

In the warehouse `main` has a view for every public table, over the rows that were published last. A run builds
`build.<table>`; publishing renames it to `build.<table>__published` and points the views there, all of it in one
transaction and without copying a row. (A view `build.<table>` takes the renamed table's place, so that tests and
models can be run on it afterwards.)

In the folder every run has a set of its own, `sets/<time>-<run>/`, and the link `current` names the one that readers
see; replacing a link is one step of the file system, so that a reader finds wholly the old or wholly the new set. The
names that readers use, `final_recommendations.csv` and so on, are links through `current`.

The order makes a crash at any moment harmless: files are written aside, the transaction is committed, the link is
moved. A set that never became current is cleared by the next publication.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from .run_log import Outcome, RunLog
from .warehouse import Refused, kind_of, literal, quoted

SERVING_FILE = "ipre_serving.duckdb"
# DuckDB 1.0 and everything after it reads this.
SERVING_FORMAT = "v1.0.0"
RUN_LOG = "build_runs"
BYTE_ORDER_MARK = "\ufeff"
# What a process makes aside while it publishes carries its number.
UNFINISHED = re.compile("[.]unfinished-[0-9]+")
ASIDE = re.compile("[.](current|probe)-[0-9]+")
# The time of a run and its id. Whatever else lies under sets/ is not ipre's.
SET = re.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LOCK_SECONDS = 600
# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"), at its start or where a list
# separator of another locale would start a new cell.
FORMULA_START = "(^|[;\\t\\r\\n])([\\s\"'']*)([=+\\-@\\t\\r＝＋－＠])"


@dataclass(frozen=True)
class Table:
    """A public table: its name in `main`, and the schema where the run built it.

    kept: rows of earlier runs stay and this run's are added. comments: column -> description; "" is the table.
    """

    name: str
    schema: str
    order_by: list[str] = field(default_factory=list)
    kept: bool = False
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def built(self) -> str:
        """The relation that the run built."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def published_name(self) -> str:
        """The name of the table that holds the published rows."""
        return f"{self.name}__published"

    @property
    def published(self) -> str:
        """The table that holds the published rows."""
        return f"{quoted(self.schema)}.{quoted(self.published_name)}"


class PublishedFolder:
    """The folder readers look into. What ipre did not make itself stays as it is, whatever its name."""

    def __init__(self, root: Path) -> None:
        """root: what IPRE_PUBLISH_DIR names; it need not exist yet."""
        self.root = root.expanduser()
        self.sets = self.root / "sets"
        self.current = self.root / "current"

    def check_is_not_built_in(self, warehouse: Path) -> None:
        """Raise Refused when the warehouse is a file that readers see: a run would build in front of their eyes."""
        if self.sets.resolve() in warehouse.resolve().parents:
            raise Refused(
                f"ipre warehouse: readers see {warehouse}, a published file. Name another one in IPRE_WAREHOUSE."
            )

    def check(self) -> None:
        """Make the folder if it is not there, clear what killed runs left; raise Refused when it cannot be written."""
        if re.match("[A-Za-z0-9+.-]+:/", str(self.root)):
            raise Refused(f"{self.root} is no folder on this machine. Name one in IPRE_PUBLISH_DIR.")
        if "?" in str(self.root):
            raise Refused(
                f"the folder {self.root} for published files has a ? in its path, with which DuckDB makes no file. "
                "Name another one in IPRE_PUBLISH_DIR, or a symbolic link to it."
            )
        probe = self.root / f".probe-{os.getpid()}"
        try:
            if self.root.is_dir():
                self.check_names([])
            self.sets.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(BlockingIOError), self.locked(seconds=0):
                self.clear_unfinished()
            probe.symlink_to("sets")
            probe.unlink(missing_ok=True)
        except OSError as error:
            raise Refused(
                f"the folder {self.root} for published files cannot be written ({error.strerror}). Give this "
                "user the right to write it, or name another one in IPRE_PUBLISH_DIR."
            ) from error

    def check_names(self, names: list[str]) -> None:
        """Raise Refused when one of these names, or one that every set needs, is taken by what is not ipre's."""
        foreign = [self.root / name for name in names if not is_free_or(leads_through_current, self.root / name)]
        if not is_free_or(leads_to_a_set, self.current):
            foreign.append(self.current)
        if not is_free_or(Path.is_dir, self.sets):
            foreign.append(self.sets)
        if foreign:
            raise Refused(f"{foreign[0]} is not a file of ipre's. Move it away, or set IPRE_PUBLISH_DIR.")

    @contextlib.contextmanager
    def locked(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the folder against other publishing processes; the lock ends with the process, however it ends.

        Raises BlockingIOError when another process has it for more than these seconds.
        """
        with (self.root / ".lock").open("a") as lock:
            deadline = time.monotonic() + seconds
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise BlockingIOError(
                            f"another process is publishing to {self.root} and does not end"
                        ) from None
                    time.sleep(0.1)
            yield

    def clear_unfinished(self) -> None:
        """Delete what was not finished: whoever made it is gone. Needs the lock."""
        for left in self.sets.iterdir():
            if UNFINISHED.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
        for left in self.root.iterdir():
            if ASIDE.fullmatch(left.name) and left.is_symlink():
                left.unlink()

    @contextlib.contextmanager
    def new_set(self) -> Iterator[Path]:
        """Give an empty folder for a new set, out of readers' sight; what is not used is cleared. Needs the lock."""
        self.clear_unfinished()
        unfinished = self.sets / f".unfinished-{os.getpid()}"
        unfinished.mkdir(parents=True)
        try:
            yield unfinished
        finally:
            self.clear_unfinished()

    def link_names(self, names: list[str]) -> None:
        """Let every published name lead through `current`. Raises Refused for a name taken by what is not ipre's."""
        self.check_names(names)
        for name in names:
            link = self.root / name
            if not link.is_symlink():
                link.symlink_to(Path("current") / name)

    def show(self, name: str) -> None:
        """Make a whole set the one that readers see: the one step in which everything changes. Needs the lock."""
        aside = self.root / f".current-{os.getpid()}"
        aside.symlink_to(Path("sets") / name)
        aside.replace(self.current)
        sync(self.root)
        for link in self.root.iterdir():
            if leads_through_current(link) and not link.exists():
                link.unlink()

    def shown(self) -> str | None:
        """Give the name of the set that readers see; None before the first."""
        return self.current.readlink().name if leads_to_a_set(self.current) else None

    def run_log(self) -> str | None:
        """Give the run log of the set that readers see, as an SQL relation; None without one."""
        file = self.current / f"{RUN_LOG}.parquet"
        return f"read_parquet({literal(file)})" if file.exists() else None

    def kept_sets(self) -> list[str]:
        """Give the names of the sets in the folder, oldest first."""
        return sorted(path.name for path in self.sets.iterdir() if is_set(path))

    def prune(self, keep: int) -> None:
        """Delete all but the newest sets; the one that readers see stays in any case."""
        for name in self.kept_sets()[:-keep]:
            if name != self.shown():
                shutil.rmtree(self.sets / name)


def is_free_or(owned: Callable[[Path], bool], path: Path) -> bool:
    """Say whether a name is not taken, not even by a link to nowhere, or taken by what is ipre's."""
    return not os.path.lexists(path) or owned(path)


def is_set(path: Path) -> bool:
    """Say whether this is a folder that a run published."""
    return SET.fullmatch(path.name) is not None and path.is_dir() and not path.is_symlink()


def leads_through_current(path: Path) -> bool:
    """Say whether this is a link as ipre makes one for a name that readers use."""
    return path.is_symlink() and path.readlink() == Path("current") / path.name


def leads_to_a_set(path: Path) -> bool:
    """Say whether this is a link as ipre makes `current`."""
    if not path.is_symlink():
        return False
    folder, name = os.path.split(path.readlink())
    return folder == "sets" and SET.fullmatch(name) is not None


def publish(
    connection: duckdb.DuckDBPyConnection,
    run_log: RunLog,
    folder: PublishedFolder,
    tables: list[Table],
    *,
    csv_tables: list[str],
    keep_sets: int,
    keep_changes: int,
) -> None:
    """Replace all public tables of the warehouse and the folder's set by what the run built.

    keep_sets: sets that stay in the folder; keep_changes: published runs whose rows stay in tables that are kept.
    Raises what went wrong; then nothing has changed for readers.
    """
    cursor = connection.cursor()
    run_id = run_log.run["run_id"]
    with folder.locked(), folder.new_set() as unfinished:
        cursor.execute("begin")
        try:
            run_log.conclude(Outcome.PUBLISHED, published_run_id=run_id)
            run_log.write(cursor)
            forget_tables_no_longer_public(cursor, tables)
            for table in tables:
                if table.kept:
                    add_rows(cursor, table, keep_changes)
                elif table.name != RUN_LOG:
                    take_over(cursor, table)
                show_in_main(cursor, table)
            write_set(connection, cursor, unfinished, tables, csv_tables)
            folder.link_names(sorted(path.name for path in unfinished.iterdir()))
            cursor.execute("commit")
        except BaseException:
            cursor.execute("rollback")
            raise
        name = f"{run_log.run['started_at']:%Y%m%dT%H%M%SZ}-{run_id}"
        unfinished.rename(folder.sets / name)
        sync(folder.sets)
        folder.show(name)
        folder.prune(keep_sets)
    run_log.run = {}


def take_over(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make what the run built the published rows, and leave a view of them where it stood."""
    if (
        kind_of(cursor, table.schema, table.name) == "VIEW"
    ):  # A model configured as a view: its rows would go on moving.
        cursor.execute(f"create or replace table {table.published} as from {table.built}")
        return
    cursor.execute(f"drop table if exists {table.published}")
    cursor.execute(f"alter table {table.built} rename to {quoted(table.published_name)}")
    cursor.execute(f"create view {table.built} as from {table.published}")


def forget_tables_no_longer_public(cursor: duckdb.DuckDBPyConnection, tables: list[Table]) -> None:
    """Drop what an earlier version of the project published and this one does not: its rows would grow old unseen."""
    names = {table.name for table in tables}
    for schema in {table.schema for table in tables}:
        published_names = cursor.execute(
            "select table_name from information_schema.tables where table_catalog = current_database() "
            "and table_schema = ? and ends_with(table_name, '__published')",
            [schema],
        ).fetchall()
        for (published_name,) in published_names:
            name = published_name.removesuffix("__published")
            if name not in names:
                cursor.execute(f"drop view if exists main.{quoted(name)}")
                if kind_of(cursor, schema, name) == "VIEW":
                    cursor.execute(f"drop view {quoted(schema)}.{quoted(name)}")
                cursor.execute(f"drop table {quoted(schema)}.{quoted(published_name)}")


def add_rows(cursor: duckdb.DuckDBPyConnection, table: Table, keep_changes: int) -> None:
    """Add this run's rows to a table that keeps those of earlier runs, and drop those of runs long gone."""
    cursor.execute(f"create table if not exists {table.published} as from {table.built} limit 0")
    for name, kind, *_ in cursor.execute(f"describe {table.built}").fetchall():
        cursor.execute(f"alter table {table.published} add column if not exists {quoted(name)} {kind}")
    cursor.execute(f"insert into {table.published} by name from {table.built}")
    cursor.execute(
        f"delete from {table.published} where run_id not in (select run_id from main.{RUN_LOG} where outcome = ? "
        "order by started_at desc, run_id limit ?)",
        [Outcome.PUBLISHED, keep_changes],
    )


def show_in_main(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Let readers of the warehouse see the published rows, with the descriptions of the properties files."""
    if table.name == RUN_LOG:
        comment(cursor, "main", table, "table")
        return
    if kind_of(cursor, "main", table.name) == "BASE TABLE":  # Version 1.0 built its tables there.
        cursor.execute(f"drop table main.{quoted(table.name)}")
    cursor.execute(f"create or replace view main.{quoted(table.name)} as from {table.published}")
    comment(cursor, "main", table, "view")


def comment(cursor: duckdb.DuckDBPyConnection, schema: str, table: Table, kind: str) -> None:
    """Put the descriptions of the properties files into the database."""
    target = f"{schema}.{quoted(table.name)}"
    for column, text in table.comments.items():
        what = f"column {target}.{quoted(column)}" if column else f"{kind} {target}"
        cursor.execute(f"comment on {what} is {literal(text.strip())}")


def write_set(
    connection: duckdb.DuckDBPyConnection,
    cursor: duckdb.DuckDBPyConnection,
    target: Path,
    tables: list[Table],
    csv_tables: list[str],
) -> None:
    """Write every table as Parquet, some as CSV too, and all of them into the serving file; then to the disk itself.

    cursor: sees the tables of `main` as they are being published. The serving file is filled from the Parquet files,
    because a transaction of DuckDB's writes to one database only.
    """
    for table in tables:
        order = f" order by {', '.join(map(quoted, table.order_by))}" if table.order_by else ""
        rows = f"from main.{quoted(table.name)}{order}"
        cursor.execute(f"copy ({rows}) to {literal(target / f'{table.name}.parquet')} (format parquet)")
        if table.name in csv_tables:
            write_csv(cursor, target, table)
    write_serving_file(connection, target, tables)
    for path in [*target.iterdir(), target]:
        sync(path)


def write_csv(cursor: duckdb.DuckDBPyConnection, target: Path, table: Table) -> None:
    """Write a table as CSV, from the Parquet file beside it, whose rows are in order already.

    The first name in the header begins with a byte-order mark: without it Excel takes the file for another encoding,
    and whoever reads CSV in UTF-8 takes it away.
    """
    rows = f"from read_parquet({literal(target / f'{table.name}.parquet')})"
    kinds = cursor.execute(f"describe {rows}").fetchall()
    cells = [harmless(name) if kind == "VARCHAR" else quoted(name) for name, kind, *_ in kinds]
    names = [quoted(name if place else BYTE_ORDER_MARK + name) for place, (name, *_) in enumerate(kinds)]
    shown = ", ".join(f"{cell} as {name}" for cell, name in zip(cells, names, strict=True))
    cursor.execute(f"copy (select {shown} {rows}) to {literal(target / f'{table.name}.csv')} (format csv, header)")


def write_serving_file(connection: duckdb.DuckDBPyConnection, target: Path, tables: list[Table]) -> None:
    """Fill the serving file from the Parquet files beside it."""
    serving = connection.cursor()
    serving.execute(f"attach {literal(target / SERVING_FILE)} as serving (storage_version {literal(SERVING_FORMAT)})")
    try:
        for table in tables:
            serving.execute(
                f"create table serving.main.{quoted(table.name)} as from read_parquet(?)",
                [str(target / f"{table.name}.parquet")],
            )
            comment(serving, "serving.main", table, "table")
        # Detaching would do it, too, but would not say what went wrong.
        serving.execute("checkpoint serving")
    except duckdb.Error:
        with contextlib.suppress(duckdb.Error):
            serving.execute("detach serving")
        raise
    serving.execute("detach serving")


def harmless(column: str) -> str:
    """Give a text column with an apostrophe before whatever a spreadsheet would run as a formula."""
    return f"regexp_replace({quoted(column)}, {literal(FORMULA_START)}, '\\1\\2''\\3', 'g')"


def sync(path: Path) -> None:
    """Have the file or folder on the disk, and not only in memory, before anything points to it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def roll_back(
    connection: duckdb.DuckDBPyConnection, run_log: RunLog, folder: PublishedFolder, tables: list[Table], to: str
) -> str:
    """Show readers an earlier set again, in the warehouse and in the folder; the run log and what is kept stay.

    to: a set's name or the id of its run; empty: the set before the one shown. Gives the set's name. Raises
    Refused when there is no such set.
    """
    folder.check()
    cursor = connection.cursor()
    with folder.locked():
        name = find_set(folder, to)
        run_id = name.partition("-")[2]
        cursor.execute("begin")
        try:
            for table in tables:
                if not table.kept and table.name != RUN_LOG:
                    bring_back(cursor, table, folder.sets / name / f"{table.name}.parquet")
            run_log.conclude(Outcome.ROLLED_BACK, f"to {name}", published_run_id=run_id)
            run_log.write(cursor)
            cursor.execute("commit")
        except BaseException:
            cursor.execute("rollback")
            raise
        folder.show(name)
    run_log.run = {}
    return name


def bring_back(cursor: duckdb.DuckDBPyConnection, table: Table, file: Path) -> None:
    """Make the rows of an earlier set the published ones; of a set made before there was the table, none are."""
    if file.exists():
        cursor.execute(f"create or replace table {table.published} as from read_parquet(?)", [str(file)])
    elif kind_of(cursor, table.schema, table.published_name):
        cursor.execute(f"delete from {table.published}")
    else:
        return
    show_in_main(cursor, table)


def find_set(folder: PublishedFolder, wanted: str) -> str:
    """Find the set that a roll-back is to show."""
    names = folder.kept_sets()
    if wanted:
        matches = [name for name in names if wanted in (name, name.partition("-")[2])]
    else:
        matches = [name for name in names if name < (folder.shown() or "")][-1:]
    if not matches:
        raise Refused(
            f"there is no {'such set' if wanted else 'earlier set'} in {folder.sets}. Sets there, oldest first: "
            f"{', '.join(names) or 'none'}; readers see {folder.shown()}."
        )
    return matches[0]
