"""Publication on Spark: a set of tables for each run, views over the set that readers see, and a row that says which.

There is no transaction over tables. So a run writes its set into a schema of its own, where readers do not look; then
the views in `main` move to it, one after the other; then one row in `current_run` names it, and with it the run is
published. Who reads several tables asks `current_run` for the schema of the set, which never changes, and reads that.
A run that dies in between leaves views that the next one puts back.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from ipre.run.publishing import KEPT_RUNS
from ipre.run.run_log import RUN_LOG, Outcome, set_name
from ipre.run.set_files import Table
from ipre.run.warehouse import Refused

from .run_log import RunLog
from .schemas import Schemas, literal, quoted, spark_type

SET = "set_"
# A Hive metastore keeps so many signs of a column's comment, and refuses a longer one.
MOST_OF_A_COMMENT = 256


class PublishedSets:
    """What readers see."""

    def __init__(self, session: SparkSession, schemas: Schemas) -> None:
        """Make the list of publications and the view of the newest when they are not there."""
        self.session, self.schemas = session, schemas
        self.publications = f"{schemas.notes}.publications"
        session.sql(
            f"create table if not exists {self.publications} (run_id string, lists_of_run string, set_schema string, "
            "published_at timestamp_ntz) using parquet"
        )
        session.sql(
            f"create or replace view {schemas.main}.current_run (run_id comment 'The run that published', "
            "lists_of_run comment 'The run that built the lists: another one after a rollback', "
            "set_schema comment 'The schema with the tables of the set', published_at comment 'When, UTC') "
            "comment 'One row: what readers see. No row: nothing is published yet' as "
            f"select * from {self.publications} order by published_at desc, run_id limit 1"
        )

    def current(self) -> dict[str, Any] | None:
        """Return the row of current_run; None before the first publication."""
        rows = self.session.sql(f"select * from {self.schemas.main}.current_run").collect()
        return rows[0].asDict() if rows else None

    def publish(self, run_log: RunLog, tables: list[Table]) -> None:
        """Show readers what the run built. The logs are one for all sets."""
        run_id = run_log.run["run_id"]
        now, schema = self.current(), self.new_set(run_log.run)
        tables = without_logs(tables)
        for table in tables:
            rows = self.rows_to_publish(table, run_id, now)
            self.session.sql(f"create table {schema}.{quoted(table.name)} using parquet as {rows}")
        self.show(schema, tables)
        self.note(run_id, run_id, schema)
        run_log.end(Outcome.PUBLISHED, published_run_id=run_id)

    def roll_back(self, run_log: RunLog, tables: list[Table], to: str) -> None:
        """Show readers an earlier set again; the tables that are kept continue.

        to: a set's name or the id of its run; empty: the one before the lists that readers see.
        """
        now = self.current()
        earlier = self.find_set(to, now)
        tables = without_logs(tables)
        run_id = run_log.run["run_id"]
        schema = self.new_set(run_log.run)
        for table in tables:
            source = f"{now['set_schema'] if table.kept else earlier['set_schema']}.{quoted(table.name)}"
            rows = f"select * from {source}" if self.schemas.has(source) else f"select {typed(table, ())} where false"
            self.session.sql(f"create table {schema}.{quoted(table.name)} using parquet as {rows}")
        self.show(schema, tables)
        self.note(run_id, earlier["lists_of_run"], schema)
        run_log.end(Outcome.ROLLED_BACK, f"to {earlier['set_schema']}", published_run_id=earlier["lists_of_run"])

    def new_set(self, run: dict[str, Any]) -> str:
        """Make the schema for a run's set."""
        name = set_name(run).lower().replace("-", "_")
        schema = self.schemas.named(f"{SET}{name}")
        self.session.sql(f"create schema {schema}")
        return schema

    def rows_to_publish(self, table: Table, run_id: str, now: dict[str, Any] | None) -> str:
        """Return the query of a table's rows for the new set; of one that is kept, without rows of runs long gone.

        now: what readers see.
        """
        built = f"select {selected(table)} from {table.schema}.{quoted(table.name)}"
        kept = f"{now['set_schema']}.{quoted(table.name)}" if now else ""
        if not (table.kept and now and self.schemas.has(kept)):
            return built
        before = typed(table, self.session.table(kept).columns)
        published = (
            f"select run_id from {self.schemas.main}.{RUN_LOG} where outcome = '{Outcome.PUBLISHED}' "
            f"order by started_at desc, run_id limit {KEPT_RUNS - 1}"
        )
        return (
            f"select {before} from {kept} where run_id in (select run_id from ({published}) as newest) "
            f"union all {built} where run_id = {literal(run_id)}"
        )

    def show(self, schema: str, tables: list[Table]) -> None:
        """Let the views in `main` lead to a set."""
        for table in tables:
            columns = ", ".join(
                f"{quoted(name)} comment {literal(short(table.comments.get(name, '')))}" for name in table.columns
            )
            self.session.sql(
                f"create or replace view {self.schemas.main}.{quoted(table.name)} ({columns}) "
                f"comment {literal(table.comments.get('', ''))} as select {selected(table)} "
                f"from {schema}.{quoted(table.name)}"
            )

    def note(self, run_id: str, lists_of_run: str, schema: str) -> None:
        """Publish: one row."""
        moment = datetime.now(UTC).replace(tzinfo=None)
        self.session.sql(
            f"insert into {self.publications} select {literal(run_id)}, {literal(lists_of_run)}, {literal(schema)}, "
            f"cast({literal(str(moment))} as timestamp_ntz)"
        )

    def repair(self, tables: list[Table]) -> None:
        """Lead views to the set that current_run names: a run that died while it published left them elsewhere."""
        now, tables = self.current(), without_logs(tables)
        rows = self.session.sql(f"select distinct set_schema from {self.publications}").collect()
        published = {row[0].removeprefix(self.schemas.prefix) for row in rows}
        unseen = [name for name in self.schemas.beginning_with(SET) if name not in published]
        if unseen and now:
            self.show(now["set_schema"], [table for table in tables if self.is_in(now["set_schema"], table)])
        elif unseen:
            for table in tables:
                self.session.sql(f"drop view if exists {self.schemas.main}.{quoted(table.name)}")
        for name in unseen:
            self.session.sql(f"drop schema {self.schemas.named(name)} cascade")

    def is_in(self, schema: str, table: Table) -> bool:
        """Whether a set has a table with all its columns."""
        name = f"{schema}.{quoted(table.name)}"
        return self.schemas.has(name) and set(self.session.table(name).columns) >= table.columns.keys()

    def tidy(self, keep: int) -> None:
        """Drop the sets of old runs but the newest `keep`."""
        for name in self.schemas.beginning_with(SET)[:-keep]:
            self.session.sql(f"drop schema {self.schemas.named(name)} cascade")

    def find_set(self, wanted: str, now: dict[str, Any] | None) -> dict[str, Any]:
        """Find the set whose tables a rollback is to show."""
        there = self.schemas.beginning_with(SET)
        rows = [
            row.asDict()
            for row in self.session.sql(f"select * from {self.publications} order by published_at, run_id").collect()
            if row["set_schema"].removeprefix(self.schemas.prefix) in there
        ]
        if wanted:
            matches = [row for row in rows if wanted in (row["run_id"], row["lists_of_run"], row["set_schema"])]
        else:
            first = [row for row in rows if row["run_id"] == row["lists_of_run"]]
            shown = next((place for place, row in enumerate(first) if now and row["run_id"] == now["lists_of_run"]), 0)
            matches = first[:shown]
        if not matches:
            names = ", ".join(row["set_schema"] for row in rows)
            raise Refused(
                f"there is no {f'set named {wanted}' if wanted else 'earlier set'}. Sets there, oldest first: "
                f"{names or 'none'}; readers see {now['set_schema'] if now else 'none'}."
            )
        return matches[-1]

    def connect(self, views: Mapping[str, Table]) -> str | None:
        """Make the views in the schema `input` over the set that readers see now, whatever is published meanwhile.

        views: name -> the table that it shows. What the set of another version lacks is null, or has no rows. Returns
        the id of the run that built the lists; without a set None, and nothing has rows.
        """
        now = self.current()
        for view, table in views.items():
            source = f"{now['set_schema']}.{quoted(table.name)}" if now else ""
            query = f"select {typed(table, ())} where false"
            if now and self.schemas.has(source):
                query = f"select {typed(table, self.session.table(source).columns)} from {source}"
            self.session.sql(f"create or replace view {self.schemas.input}.{view} as {query}")
        return now["lists_of_run"] if now else None


def without_logs(tables: Iterable[Table]) -> list[Table]:
    """Return the tables of a set."""
    return [table for table in tables if not table.is_log]


def selected(table: Table) -> str:
    """Return a table's columns, and no others, for a SELECT."""
    return ", ".join(quoted(name) for name in table.columns)


def typed(table: Table, found: Collection[str]) -> str:
    """Return a table's columns with their types for a SELECT; null what is not found where they are read."""
    return table.selected_from(found, quoted, spark_type)


def short(text: str) -> str:
    """Return a description as far as a metastore keeps it; all of it is in the properties files."""
    return text if len(text) <= MOST_OF_A_COMMENT else text[: MOST_OF_A_COMMENT - 3].rsplit(" ", 1)[0] + " .."
