"""What a run needs beside SQL: opening the warehouse, reading files, publishing tables and files, the run log.

dbt-duckdb loads the class Plugin (profiles.yml); macros call it through call_plugin (macros/plugin.sql) and
`adapter.store_relation`, the door that dbt-duckdb has for plugins. Nothing here decides what a number means: rules
are SQL, in models/ and macros/. Whatever goes wrong leaves here as one DbtRuntimeError whose text says what to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from .command import RETRY_REFUSED, open_run
from .environment import check_environment
from .input_ratings import read_ratings
from .input_tables import input_tables
from .inputs import Doors, forget_unreadable_lines, make_empty, read_inputs
from .progress import Progress
from .published_folder import PublishedFolder
from .published_store import PublishedStore
from .publishing import connect_published, publish, roll_back, show_log, take_over
from .run_log import COLUMNS, LOG, NOTES, RUN_LOG, Outcome, RunLog, newest_own_run
from .set_files import Table
from .warehouse import Refused, first_line, kind_of, literal, open_warehouse, quoted, remove_spilled_files

TROUBLE = (Refused, duckdb.Error, OSError)


class Plugin(BasePlugin):
    """ipre's side of one dbt command: holds the connection, and the run that the log has open."""

    def update_connection_config(self, creds, config: dict[str, Any]) -> None:
        """Open the warehouse before dbt-duckdb does, because here a refusal can be told in one line.

        Both openings share one DuckDB instance, so that the second one costs nothing.
        """
        self.first_connection = open_warehouse(creds.path, creds.database, config)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep dbt-duckdb's connection; clear what a killed run spilled to disk, which nobody else will."""
        self.connection = conn
        self.run_log = RunLog(conn)
        self.first_connection.close()
        remove_spilled_files(self.creds.path)

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep the settings that every cursor gets (profiles.yml). The first moment of a command that is ipre's."""
        check_environment()
        self.settings = plugin_config
        self.progress = Progress()

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Set a cursor up. A database that gave up, say on a full disk, shows here and is told in one line."""
        try:
            for name, value in self.settings.items():
                cursor.execute(f"set {quoted(name)} = {literal(str(value))}")
            self.progress.note_cursor(cursor)
        except duckdb.Error as error:
            raise Refused(f"ipre warehouse: {first_line(error)}") from error

    def store(self, target_config) -> None:
        """Do what a macro asks for: the action is the location's path, its arguments are the config."""
        try:
            getattr(self, f"do_{target_config.location.path}")(**target_config.config)
        except Refused as error:
            raise DbtRuntimeError(str(error)) from error
        except (duckdb.Error, OSError) as error:
            raise DbtRuntimeError(f"ipre: {first_line(error)}") from error

    def do_begin(
        self, *, publish_dir: str, publish_store: str, tables: list[dict[str, Any]], csv_tables: list[str], **run: Any
    ) -> None:
        """Run start: note the run, and find out now, not after an hour, that nothing could be published."""
        check_environment()  # Once more: a process that runs dbt again may open the warehouse only once.
        folder = PublishedFolder(Path(publish_dir))
        folder.check_is_not_built_in(Path(self.creds.path))
        open_run(self.run_log, run, self.progress.stop)
        if self.run_log.run["command"] == "retry":
            self.do_refuse(reason=RETRY_REFUSED)
        try:
            folder.check()
            take_over(self.connection, self.run_log, folder, as_tables(tables), csv_tables)
            show_log(self.connection.cursor(), folder)
            if publish_store:
                PublishedStore(publish_store).check(folder)
        except TROUBLE as error:
            self.do_refuse(reason=f"ipre: {first_line(error)}")

    def do_refuse(self, *, reason: str) -> None:
        """Stop the command, with the reason; a run that is open is noted as refused."""
        self.progress.stop()
        self.run_log.end(Outcome.REFUSED, reason)
        raise Refused(reason)

    def do_check_demo(self, *, publish_dir: str) -> None:
        """Refuse to build the demo where readers were shown own data."""
        cursor = self.connection.cursor()
        folder = PublishedFolder(Path(publish_dir))
        for place, log in {f"the warehouse {self.creds.path}": NOTES, f"the folder {folder.root}": LOG}.items():
            run = newest_own_run(cursor, log)
            # Version 1.0 kept no log, and made views over own files.
            former = log == NOTES and kind_of(cursor, "input", "customers") == "VIEW"
            if run or former:
                self.do_refuse(
                    reason="ipre input: no data_dir and no input_relations are set, so that this run would build the "
                    f"demo, but {place} shows your own data{f' (run {run})' if run else ''}. Set data_dir (or "
                    "IPRE_DATA_DIR) to the folder of your files. If it is to be the demo, say so: data_dir: demo."
                )

    def do_connect_published(self, *, publish_dir: str, views: dict[str, Any], optional: list[str]) -> None:
        """Let models read what readers see now, for the comparison with this run."""
        connect_published(self.connection, PublishedFolder(Path(publish_dir)), views, optional)

    def do_stop(self, *, reason: str) -> None:
        """Let the model that asks fail with a reason; run end will note it."""
        raise Refused(reason)

    def do_read_inputs(
        self, *, doors: dict[str, Any], columns: dict[str, dict[str, str]], nodes: int, **_: Any
    ) -> None:
        """Read the user's data into the schema `input`; the demo's seeds are read as seeds.

        columns: table -> column -> its name in the source; nodes: how many nodes dbt will run, for the progress of a
        long build.
        """
        where = Doors(**doors)
        contract = [table.named(columns) for table in input_tables().values() if not table.from_rating_store]
        self.run_log.run["data_door"] = where.words([table.name for table in contract])
        if where.is_demo:
            forget_unreadable_lines(self.connection.cursor())
            for table in contract:
                if table.may_be_absent:
                    make_empty(self.connection.cursor(), table)
            return
        try:
            read_inputs(self.connection, contract, where)
        except Refused as error:
            self.do_refuse(reason=str(error))
        ((lines,),) = self.connection.cursor().execute("select count(*) from input.invoices").fetchall()
        self.progress.start(self.connection, lines, nodes)

    def do_read_ratings(self, *, data_kind: str, **_: Any) -> None:
        """Read what was rated in the app and the worksheets into the schema `input`. data_kind: own or demo."""
        try:
            read_ratings(
                self.connection, [table for table in input_tables().values() if table.from_rating_store], data_kind
            )
        except Refused as error:
            self.do_refuse(reason=str(error))

    def do_finish(self, *, failed: str, missing: str, figures: dict[str, str], **publication: Any) -> None:
        """Run end: publish what held, else note why nothing was published.

        failed: what went wrong, in words; missing: what this command left out, in words; figures: column of
        build_runs -> SQL that gives its value.
        """
        try:
            self.run_log.measure(figures)
            if failed:
                self.run_log.end(Outcome.FAILED, failed)
            elif missing:
                self.run_log.end(Outcome.NOT_PUBLISHED, missing)
            else:
                self.publish(**publication)
        finally:
            self.progress.stop()

    def publish(self, *, publish_dir: str, publish_store: str, tables: list[dict[str, Any]], **settings: Any) -> None:
        """Publish; what prevents it is noted as the run's failure."""
        folder = PublishedFolder(Path(publish_dir))
        store = PublishedStore(publish_store) if publish_store else None
        try:
            publish(self.connection, self.run_log, folder, as_tables(tables), store=store, **settings)
        except TROUBLE as error:
            self.run_log.end(Outcome.FAILED, f"ipre could not publish: {first_line(error)}")
        else:
            self.point(store, folder)

    def point(self, store: PublishedStore | None, folder: PublishedFolder) -> None:
        """Let readers of the store follow. The run is published by then: what fails here fails the command alone."""
        try:
            if store:
                store.follow(folder)
        except Refused as error:
            raise Refused(
                f"ipre: the lists are published in the warehouse and in {folder.root}, but readers of the store still "
                f"see the run before: {error} The next build, or a roll-back, puts it right."
            ) from error

    def do_roll_back(
        self,
        *,
        publish_dir: str,
        publish_store: str,
        tables: list[dict[str, Any]],
        csv_tables: list[str],
        to: str,
        **run: Any,
    ) -> None:
        """Show readers an earlier published set again."""
        open_run(self.run_log, run, self.progress.stop)
        folder = PublishedFolder(Path(publish_dir))
        try:
            folder.check()
            show_log(self.connection.cursor(), folder)
            store = PublishedStore(publish_store) if publish_store else None
            settings = {"csv_tables": csv_tables, "to": to, "store": store}
            roll_back(self.connection, self.run_log, folder, as_tables(tables), **settings)
        except TROUBLE as error:
            self.do_refuse(reason=f"ipre roll_back: {first_line(error)}")
        self.point(store, folder)


def as_tables(tables: list[dict[str, Any]]) -> list[Table]:
    """Give the macros' lists as Tables; what columns the run log has is known here."""
    return [Table(**table | ({"columns": COLUMNS} if table["name"] == RUN_LOG else {})) for table in tables]
