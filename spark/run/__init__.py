"""What a run on Apache Spark needs beside SQL: reading the input, publishing, the run log.

The adapter `sparksession` makes the class Plugin (profiles.yml), and macros call it through call_plugin
(macros/engine.sql). It is for Spark what ipre/run is for DuckDB, and reads small files with the same code.
Whatever goes wrong leaves here as Refused, whose text is one line that says what to do.
"""

from __future__ import annotations

from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from ipre.run.command import RETRY_REFUSED, open_run
from ipre.run.environment import check_environment
from ipre.run.input_tables import input_tables
from ipre.run.inputs import Doors
from ipre.run.run_log import RUN_LOG, Outcome
from ipre.run.warehouse import Refused, first_line

from .inputs import read_inputs, read_ratings
from .publishing import Published, SparkTable
from .run_log import RunLog
from .schemas import Schemas
from .texts import register_functions

TROUBLE = (Refused, PySparkException, OSError)


def prepare(session: SparkSession) -> None:
    """Give a new session what models need in it, whichever command of dbt's it is."""
    register_functions(session)


class Plugin:
    """ipre's side of one dbt command on Spark: the session, the schemas, and the run that the log has open."""

    def __init__(self, session: SparkSession, credentials: Any) -> None:
        """Prepare the session. credentials: the adapter's, of the profile's output."""
        check_environment()
        self.session = session
        self.schemas = Schemas(session, credentials.schema_prefix)
        self.schemas.create()
        self.run_log = RunLog(session, self.schemas)
        self.published = Published(session, self.schemas)

    def do_begin(
        self, *, publish_dir: str, publish_store: str, tables: list[dict[str, Any]], csv_tables: list[str], **run: Any
    ) -> None:
        """Run start: note the run, and show readers what they saw if a run died while it published."""
        del publish_dir, publish_store, csv_tables
        open_run(self.run_log, run)
        if self.run_log.run["command"] == "retry":
            self.do_refuse(reason=RETRY_REFUSED)
        try:
            self.published.repair(as_tables(tables))
        except TROUBLE as error:
            self.do_refuse(reason=f"ipre: {first_line(error)}")

    def do_refuse(self, *, reason: str) -> None:
        """Stop the command, with the reason; a run that is open is noted as refused."""
        self.run_log.end(Outcome.REFUSED, reason)
        raise Refused(reason)

    def do_stop(self, *, reason: str) -> None:
        """Let the model that asks fail with a reason; run end will note it."""
        raise Refused(reason)

    def do_check_demo(self, *, publish_dir: str) -> None:
        """Refuse to build the demo where readers were shown own data."""
        del publish_dir
        run = self.run_log.newest_own_run()
        if run:
            self.do_refuse(
                reason="ipre input: no data_dir is set, so that this run would build the demo, but "
                f"{self.schemas.main} shows your own data (run {run}). Set data_dir (or IPRE_DATA_DIR) to the folder "
                "of your files. If it is to be the demo, say so: data_dir: demo."
            )

    def do_connect_published(self, *, publish_dir: str, views: dict[str, Any], optional: list[str]) -> None:
        """Let models read what readers see now, for the comparison with this run."""
        del publish_dir
        self.published.connect(views, optional)

    def do_read_inputs(self, *, doors: dict[str, Any], columns: dict[str, dict[str, str]], **_: Any) -> None:
        """Read the user's data, or the demo's, into the schema `input`. columns: as in ipre/run."""
        where = Doors(**doors)
        contract = [table.named(columns) for table in input_tables().values() if not table.from_rating_store]
        self.run_log.run["data_door"] = where.words([table.name for table in contract])
        try:
            read_inputs(self.session, self.schemas, contract, where)
        except TROUBLE as error:
            self.do_refuse(reason=str(error) if isinstance(error, Refused) else f"ipre input: {first_line(error)}")

    def do_read_ratings(self, *, data_kind: str, **_: Any) -> None:
        """Read what was rated in the app and the worksheets into the schema `input`. data_kind: own or demo."""
        try:
            read_ratings(
                self.session,
                self.schemas,
                [table for table in input_tables().values() if table.from_rating_store],
                data_kind,
            )
        except TROUBLE as error:
            self.do_refuse(reason=str(error) if isinstance(error, Refused) else f"ipre ratings: {first_line(error)}")

    def do_finish(
        self,
        *,
        failed: str,
        missing: str,
        figures: dict[str, str],
        tables: list[dict[str, Any]],
        keep_sets: int,
        keep_changes: int,
        **elsewhere: Any,
    ) -> None:
        """Run end: publish what held, else note why nothing was published."""
        del elsewhere
        self.run_log.measure(figures)
        if failed:
            self.run_log.end(Outcome.FAILED, failed)
        elif missing:
            self.run_log.end(Outcome.NOT_PUBLISHED, missing)
        else:
            try:
                self.published.publish(self.run_log, as_tables(tables), keep_changes)
            except TROUBLE as error:
                self.run_log.end(Outcome.FAILED, f"ipre could not publish: {first_line(error)}")
            else:
                self.published.tidy(keep_sets)

    def do_roll_back(self, *, tables: list[dict[str, Any]], to: str, **run: Any) -> None:
        """Show readers an earlier published set again."""
        for name in ("publish_dir", "publish_store", "csv_tables"):
            run.pop(name)
        open_run(self.run_log, run)
        try:
            self.published.roll_back(self.run_log, as_tables(tables), to)
        except TROUBLE as error:
            self.do_refuse(reason=f"ipre roll_back: {first_line(error)}")


def as_tables(tables: list[dict[str, Any]]) -> list[SparkTable]:
    """Give the macros' list as tables of a set, without the run log, which is one for all sets."""
    return [SparkTable(**table) for table in tables if table["name"] != RUN_LOG]
