"""What a run does beside SQL: check parameters, read the input, publish, keep the run log, print.

dbt-duckdb loads the class Plugin (profiles.yml), and macros/run.sql calls it through `adapter.store_relation`, which
dbt-duckdb has for plugins. The steps of a run are in lifecycle.py, for every engine; here is what DuckDB does in its
own way. Nothing here decides what a number means: rules are SQL, in models/ and macros/. Every error is raised as one
DbtRuntimeError whose text says what to do.
"""

import gc
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from . import publishing
from .command import Command, note_when_it_dies, tell
from .environment import check_environment
from .input_ratings import read_ratings
from .input_rows import make_empty
from .input_tables import InputTable, text_literal
from .inputs import InputSettings, forget_unreadable_lines, read_inputs
from .lifecycle import PUBLISHED_RUN, Run
from .progress import Progress
from .published_folder import PublishedFolder, elsewhere, run_of
from .published_store import PublishedStore
from .run_log import LOG, NOTES, RUN_LOG, RunLog, newest_own_run, show_logs
from .set_files import Table, rows_in
from .warehouse import (
    Published,
    Refused,
    first_line,
    literal,
    memory_limit,
    open_warehouse,
    quoted,
    remove_spilled_files,
)

if TYPE_CHECKING:
    from .published_database import PublishedDatabase


class Plugin(BasePlugin):
    """The plugin that dbt-duckdb loads: opens the warehouse, sets up cursors, and does what macros ask for."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep the settings that every cursor gets (profiles.yml). The first moment of a command that is ipre's."""
        check_environment()
        # dbt keeps what it has read until the end: ten collections over all of it take a twentieth of a small build.
        gc.set_threshold(*gc.get_threshold()[:2], 100)
        self.settings = {"memory_limit": memory_limit()} | plugin_config
        self.progress = Progress()

    def update_connection_config(self, creds, config: dict[str, Any]) -> None:
        """Open the warehouse before dbt-duckdb does, because here an error can be reported in one line.

        Both openings share one DuckDB instance, so that the second one costs nothing.
        """
        self.first_connection = open_warehouse(creds.path, creds.database, config)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep dbt-duckdb's connection; delete what a killed run spilled to disk, because DuckDB does not."""
        self.run = Run(DuckDB(conn, Path(self.creds.path), self.progress))
        self.first_connection.close()
        remove_spilled_files(self.creds.path)
        # On a machine that has others to serve.
        if threads := os.environ.get("IPRE_DUCKDB_THREADS"):
            conn.execute(f"set threads = {int(threads)}")

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Set a cursor up. A database that failed, for example on a full disk, is reported here in one line."""
        try:
            for name, value in self.settings.items():
                cursor.execute(f"set {quoted(name)} = {literal(str(value))}")
            self.progress.note_cursor(cursor)
        except duckdb.Error as error:
            raise Refused(f"ipre warehouse: {first_line(error)}") from error

    def store(self, target_config) -> None:
        """Do what a macro asks for: the action is the location's path, its arguments are the config."""
        try:
            getattr(self.run, f"do_{target_config.location.path}")(**target_config.config)
        except Refused as error:
            raise DbtRuntimeError(str(error)) from error
        except (duckdb.Error, OSError) as error:
            raise DbtRuntimeError(f"ipre: {first_line(error)}") from error


class DuckDB:
    """What a run needs of DuckDB; Spark has the same methods (spark/run/__init__.py)."""

    trouble = (duckdb.Error, OSError)

    def __init__(self, connection: duckdb.DuckDBPyConnection, warehouse: Path, progress: Progress) -> None:
        """connection: to the warehouse, dbt's."""
        self.connection, self.warehouse, self.progress = connection, warehouse, progress
        self.log = RunLog(connection)
        self.database: PublishedDatabase | None = None
        self.problem = ""  # Why the database of publish_to was not updated.

    def schema(self, name: str) -> str:
        """Schemas have their plain names here."""
        return name

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        cursor = self.connection.cursor()
        found = cursor.execute(query)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def relations(self) -> set[str]:
        """Return the names of tables and views."""
        rows = self.rows(
            "select table_schema || '.' || table_name as name from information_schema.tables "
            "where table_catalog = current_database()"
        )
        return {row["name"] for row in rows}

    def open(self, command: Command, run: dict[str, Any]) -> None:
        """Open a run in the log, and note whether an earlier one died after readers saw what it published."""
        self.folder = PublishedFolder(Path(command.publish_dir))
        self.folder.check_is_not_built_in(self.warehouse)
        self.store = PublishedStore(command.publish_store) if command.publish_store else None
        if command.publish_database:
            from .published_database import PublishedDatabase  # Here, because SQLAlchemy takes a quarter of a second.

            self.database = PublishedDatabase(command.publish_database)
        self.folder.check_version()
        shown = self.folder.rows(RUN_LOG) if self.folder.shown() else None
        self.main_is_behind = self.log.begin(run, shown)
        note_when_it_dies(self.log, self.stop)

    def prepare(self, command: Command) -> None:
        """Find out now, and not after an hour, whether the run can publish."""
        cursor = self.connection.cursor()
        former = publishing.former_folder(cursor)
        # It would show the lists of other data. One that shows a run of this warehouse was moved or copied.
        is_elsewhere = former and former.root.resolve() != self.folder.root.resolve()
        if is_elsewhere and not publishing.shows_a_run_of(cursor, self.folder):
            raise elsewhere(str(former.root), str(self.folder.root))
        self.folder.check()
        if self.main_is_behind or (former and former.root != self.folder.root.absolute()):
            publishing.show_in_main(cursor, self.folder, command.tables)
        show_logs(cursor, self.folder)
        if self.store:
            self.store.check(self.folder)
        self.fill_database(command.tables)

    def move(self, command: Command) -> None:
        """Move what readers see to another folder or store."""
        cursor = self.connection.cursor()
        folder = PublishedFolder(Path(command.publish_dir))
        folder.check_is_not_built_in(self.warehouse)
        folder.check()
        publishing.move_to(cursor, folder)
        if folder.shown():
            publishing.show_in_main(cursor, folder, command.tables)
        show_logs(cursor, folder)
        if command.publish_store:
            PublishedStore(command.publish_store).check(folder, is_moved=True)

    def shows_own_data(self, command: Command) -> str:
        """Say where readers have seen own data; nothing if they have not."""
        for place, log in {f"the warehouse {self.warehouse}": NOTES, f"the folder {self.folder.root}": LOG}.items():
            if run := newest_own_run(self, log):
                return f"{place} shows your own data (run {run})"
        return ""

    def connect_published(self, command: Command) -> str | None:
        """Make the views in the schema `input` over the set that readers see now, whatever is published meanwhile.

        What the set of another version lacks is null, or has no rows. Returns the id of the run that built the lists;
        without a set None, and nothing has rows.
        """
        cursor, shown = self.connection.cursor(), self.folder.shown()
        cursor.execute("create schema if not exists input")
        for view, table in command.compared.items():
            file = self.folder.sets.absolute() / (shown or "") / table.file
            query = rows_in(cursor, table, file) if shown else table.no_rows
            cursor.execute(f"create or replace view input.{quoted(view)} as {query}")
        return run_of(publishing.lists_of(cursor, self.folder, shown)) if shown else None

    def show_published_run(self, facts: Mapping[str, Any] | None) -> None:
        """Make `input.published_run`."""
        columns = ", ".join(f"{text_literal((facts or {}).get(name))} as {name}" for name in PUBLISHED_RUN)
        self.connection.cursor().execute(
            f"create or replace table input.published_run as select {columns}" + ("" if facts else " where false")
        )

    def read_ratings(self, tables: list[InputTable], data_kind: str) -> None:
        """Read the store of ratings into the schema `input`."""
        read_ratings(self.connection, tables, data_kind)

    def read_inputs(self, tables: list[InputTable], settings: InputSettings) -> None:
        """Read the user's data into the schema `input`; the demo's seeds are read as seeds."""
        if not settings.is_demo:
            read_inputs(self.connection, tables, settings)
            return
        forget_unreadable_lines(self.connection.cursor())
        for table in tables:
            if table.may_be_absent:
                make_empty(self.connection.cursor(), table)

    def invoices(self, command: Command) -> str:
        """Return the relation of the invoice lines. The seed is loaded later in the run; its file says the same."""
        if not command.input_settings.is_demo:
            return "input.invoices"
        seed = command.nodes["seed.ipre.invoices"]
        file = Path(seed["root_path"], seed["original_file_path"])
        return f"read_csv({literal(file)}, header = true, all_varchar = true)"

    def listen(self, command: Command) -> None:
        """Show from now on how far a long build is."""
        if not command.input_settings.is_demo:
            [row] = self.rows("select count(*) as lines from input.invoices")
            self.progress.start(self.connection, row["lines"], len(command.selected))

    def publish(self, tables: list[Table]) -> None:
        """Show readers what the run built."""
        publishing.publish(self, tables)
        self.point(tables)

    def roll_back(self, tables: list[Table], to: str) -> None:
        """Show readers an earlier set again."""
        publishing.roll_back(self, tables, to)
        self.point(tables)

    def point(self, tables: list[Table]) -> None:
        """Update the database and the store for their readers."""
        try:
            self.fill_database(tables)
            if self.problem:
                self.log.remark(run_of(self.folder.shown()), "the database of publish_to was not updated")
            if self.store:
                self.store.follow(self.folder)
        except Refused as error:
            raise Published(
                f"ipre: the lists are published in the warehouse and in {self.folder.root}, but other readers "
                f"still see the previous run: {error} The next build or rollback repairs this."
            ) from error

    def fill_database(self, tables: list[Table]) -> None:
        """Update the database. A failure is reported and stops nothing."""
        self.problem = self.database.follow(self.connection.cursor(), self.folder, tables) if self.database else ""
        if self.problem:
            tell(self.problem, is_trouble=True)

    def where_published(self, command: Command) -> str:
        """Say where readers find what was published."""
        store = f" and in {command.publish_store}" if command.publish_store else ""
        database = f" and tables in {self.database}" if self.database and not self.problem else ""
        return f"in the DuckDB file {self.warehouse}; files for readers in {command.publish_dir}{store}{database}"

    def stop(self) -> None:
        """Remove the progress line of a long build."""
        self.progress.stop()
