"""What a run does beside SQL, on Apache Spark: ipre/run with an engine of its own.

The adapter `sparksession` makes the class Plugin (profiles.yml), and macros/run.sql calls it. Whatever goes wrong
leaves as Refused, whose text is one line that says what to do.
"""

from collections.abc import Mapping
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from ipre.run.command import Command, note_when_it_dies
from ipre.run.environment import check_environment
from ipre.run.input_tables import InputTable
from ipre.run.inputs import InputSettings
from ipre.run.lifecycle import PUBLISHED_RUN, Run
from ipre.run.publishing import KEPT_SETS
from ipre.run.run_log import RUN_LOG, newest_own_run
from ipre.run.set_files import Table
from ipre.run.warehouse import Refused, first_line

from .inputs import read_inputs, read_ratings
from .publishing import PublishedSets
from .run_log import RunLog, value_in_sql
from .schemas import Schemas
from .texts import prepare as prepare  # The adapter calls it.


class Plugin(Run):
    """What the adapter knows of ipre."""

    def __init__(self, session: SparkSession, credentials: Any) -> None:
        """Prepare the session. credentials: the adapter's, of the profile's output."""
        check_environment()
        super().__init__(Spark(session, credentials))


class Spark:
    """What a run needs of Spark; DuckDB has the same methods (ipre/run/__init__.py)."""

    trouble = (PySparkException, OSError)

    def __init__(self, session: SparkSession, credentials: Any) -> None:
        """Make the schemas and the logs when they are not there."""
        self.session, self.credentials = session, credentials
        self.schemas = Schemas(session, credentials.schema_prefix)
        self.schemas.create()
        self.log = RunLog(session, self.schemas)
        self.published = PublishedSets(session, self.schemas)

    def schema(self, name: str) -> str:
        """Return a schema's name, with the prefix."""
        return self.schemas.named(name)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        return [row.asDict() for row in self.session.sql(query).collect()]

    def relations(self) -> set[str]:
        """Return the tables and views in the schemas that dbt builds in, as `schema.name`."""
        names = [self.schema(name) for name in ("build", "helpers", "main", "input")]
        return {f"{name}.{row[1]}" for name in names for row in self.session.sql(f"show tables in {name}").collect()}

    def open(self, command: Command, run: dict[str, Any]) -> None:
        """Open a run in the log."""
        self.log.begin(run)
        note_when_it_dies(self.log, self.stop)

    def prepare(self, command: Command) -> None:
        """Show readers the last published set again if a run died while it published."""
        if command.publish_database:
            raise Refused("publish_to does not work on Spark, where readers see tables already. Remove it.")
        self.published.repair(command.tables)

    def move(self, command: Command) -> None:
        """Refuse: there are no files for readers here."""
        raise Refused("move_published does not work on Spark, where readers see tables and not files.")

    def shows_own_data(self, command: Command) -> str:
        """Say where readers were shown own data."""
        run = newest_own_run(self, f"{self.schemas.main}.{RUN_LOG}")
        return f"{self.schemas.main} shows your own data (run {run})" if run else ""

    def connect_published(self, command: Command) -> str | None:
        """Make the views of what readers see now."""
        return self.published.connect(command.compared)

    def show_published_run(self, facts: Mapping[str, Any] | None) -> None:
        """Make `input.published_run`."""
        columns = ", ".join(f"{value_in_sql((facts or {}).get(name), 'string')} as {name}" for name in PUBLISHED_RUN)
        self.session.sql(
            f"create or replace view {self.schemas.input}.published_run as select {columns}"
            + ("" if facts else " where false")
        )

    def read_ratings(self, tables: list[InputTable], data_kind: str) -> None:
        """Read the store of ratings into the schema `input`."""
        self.told("ipre ratings", read_ratings, tables, data_kind)

    def read_inputs(self, tables: list[InputTable], settings: InputSettings) -> None:
        """Read the user's data, or the demo's, into the schema `input`."""
        self.told("ipre input", read_inputs, tables, settings)

    def told(self, what: str, read: Any, *arguments: Any) -> None:
        """Read; an error of Spark becomes one line."""
        try:
            read(self.session, self.schemas, *arguments)
        except self.trouble as error:
            raise Refused(f"{what}: {first_line(error)}") from error

    def invoices(self, command: Command) -> str:
        """Return the relation of the invoice lines."""
        return f"{self.schemas.input}.invoices"

    def listen(self, command: Command) -> None:
        """Spark has a page of its own for what runs."""

    def publish(self, tables: list[Table]) -> None:
        """Show readers what the run built."""
        self.published.publish(self.log, tables)
        self.published.tidy(KEPT_SETS)

    def roll_back(self, tables: list[Table], to: str) -> None:
        """Show readers an earlier set again."""
        self.published.roll_back(self.log, tables, to)

    def where_published(self, command: Command) -> str:
        """Say where readers find what was published."""
        return f"on Spark at {self.credentials.master}; {self.schemas.main}.current_run names the schema of the set"

    def stop(self) -> None:
        """Nothing goes on beside a run here."""
