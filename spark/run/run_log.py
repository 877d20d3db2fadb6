"""The run log on Spark: a table of events that only grows, and a view of the newest event of each run.

There is no update of a row and no transaction over tables; an event is a whole row of the log as it was at that moment.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from ipre.run.input_counts import Count
from ipre.run.run_log import COLUMNS, ROW_COLUMNS, ROW_LOG, RUN_LOG, Outcome, as_json, conclusion

from .schemas import Schemas, literal, spark_type

TYPES = {name: spark_type(kind) for name, kind in COLUMNS.items()}
ROW_TYPES = {name: spark_type(kind) for name, kind in ROW_COLUMNS.items()}


class RunLog:
    """The log, and the run of it that is open."""

    def __init__(self, session: SparkSession, schemas: Schemas) -> None:
        """Make the table and the view when they are not there."""
        self.session, self.schemas = session, schemas
        self.events = f"{schemas.notes}.run_events"
        self.run: dict[str, Any] = {}
        columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
        session.sql(
            f"create table if not exists {self.events} ({columns}, event int, noted_at timestamp_ntz) using parquet"
        )
        self.rows = f"{schemas.notes}.run_rows"
        row_columns = ", ".join(f"{name} {kind}" for name, kind in ROW_TYPES.items())
        session.sql(f"create table if not exists {self.rows} ({row_columns}) using parquet")
        session.sql(f"create or replace view {schemas.main}.{ROW_LOG} as select * from {self.rows}")
        names = ", ".join(TYPES)
        session.sql(
            f"create or replace view {schemas.main}.{RUN_LOG} as select {names} from (select *, row_number() over "
            f"(partition by run_id order by noted_at desc, event desc) as newest from {self.events}) as events "
            "where newest = 1"
        )

    def begin(self, run: dict[str, Any]) -> None:
        """Open a run. One that is called running may live: nothing locks a cluster's tables."""
        self.event = 0
        self.run = dict(run)
        self.write()

    def count(self, counts: Mapping[str, Count]) -> None:
        """Note how many rows of input tables the run read."""
        rows = [
            f"select {literal(self.run['run_id'])}, {literal(table)}, {count.read}, {count.accepted}, "
            f"{count.rejected}, {value_in_sql(as_json(count.values), 'string')}"
            for table, count in counts.items()
        ]
        if rows:
            self.session.sql(f"insert into {self.rows} {' union all '.join(rows)}")

    def end(self, outcome: Outcome, reason: str | None = None, published_run_id: str | None = None) -> None:
        """Close the run, if one is open, with how it ended."""
        if not self.run:
            return
        self.run |= conclusion(self.run, outcome, reason, published_run_id)
        self.write()
        self.run = {}

    def write(self) -> None:
        """Add what is known of the run now."""
        self.event += 1
        values = [value_in_sql(self.run.get(name), kind) for name, kind in TYPES.items()]
        values += [str(self.event), value_in_sql(datetime.now(UTC).replace(tzinfo=None), "timestamp")]
        self.session.sql(f"insert into {self.events} select {', '.join(values)}")


def value_in_sql(value: Any, kind: str) -> str:
    """Return a value of the log as SQL."""
    if value is None:
        return f"cast(null as {kind})"
    if kind in ("string", "date", "timestamp"):
        return f"cast({literal(str(value))} as {kind})"
    return f"cast({value} as {kind})"
