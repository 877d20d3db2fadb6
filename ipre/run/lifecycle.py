"""A run from its first to its last moment, on either engine: what is checked before any table changes, when the result
may be published, and what is said of it.

macros/run.sql calls it with what dbt knows (command.py). What DuckDB and Spark do differently is in
the classes DuckDB (__init__.py) and Spark (spark/run/__init__.py), which have the same methods.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

import yaml

from .command import RETRY_REFUSED, Command, tell
from .environment import check_environment
from .failures import failures, left_out, not_built
from .input_counts import (
    EXPORT,
    JUDGED,
    count_rows,
    few_after_a_gap,
    gone_columns,
    nothing_in_stock,
    too_much_ambiguous,
    too_much_rejected,
    too_much_returned,
    too_much_unreadable,
    values_in_columns,
)
from .input_tables import input_tables
from .parameters import NOT_IN_THE_LOG, PROJECT_FILE, changes, check_parameters, illegal
from .report import report
from .run_log import FIGURES, ROW_LOG, RUN_LOG, Outcome
from .warehouse import Published, Refused, first_line

# Columns of `input.published_run`.
PUBLISHED_RUN = ("run_id", "changed_data", "changed_parameters", "changed_as_of_date", "changed_version")


class Run:
    """The run of one dbt command. `do_<action>` is what macros may ask for."""

    def __init__(self, engine: Any) -> None:
        """engine: where it runs, DuckDB or Spark; its methods raise Refused, or one of its `trouble`."""
        self.engine = engine
        # The run that readers see, and what was changed since; None before the first one.
        self.published: dict[str, Any] | None = None
        # Input table -> column that may be missing -> rows with a value.
        self.column_values: dict[str, dict[str, int]] = {}

    def do_start(self, **told: Any) -> None:
        """Run start: all is as it must be, and the input is read; or stop before any table changes."""
        check_environment()  # Once more: a process that runs dbt again may open the warehouse only once.
        command = Command.told(**told)
        if command.is_build:
            self.engine.open(command, facts(command))
        try:
            self.start(command)
        except Refused as error:
            self.refuse(str(error))

    def start(self, command: Command) -> None:
        """Check, and read. Raises Refused with one line."""
        if command.name == "retry":
            raise Refused(RETRY_REFUSED)
        if command.is_build:
            self.tried("ipre", self.engine.prepare, command)
        check_parameters(command.values, command.given)
        if command.is_build:
            self.check_demo(command)
            self.compare_with(command)
            if command.reads_inputs:
                self.read(command)
        if reason := not_built(command, self.engine.relations()):
            raise Refused(reason)

    def read(self, command: Command) -> None:
        """Read ratings and input, and check what staging cannot."""
        settings = command.input_settings
        self.engine.log.run["data_door"] = settings.words([table.name for table in command.tables_to_read])
        self.engine.read_ratings(command.tables_of_ratings, command.data_kind)
        renamed = [table.named(command.values["input_columns"]) for table in command.tables_to_read]
        self.engine.read_inputs(renamed, settings)
        if command.data_kind == "own":
            self.column_values = values_in_columns(self.engine, command.tables_to_read)
        self.check_absent(command)
        if command.values["as_of_date"]:
            self.check_as_of_date(command)
        self.engine.listen(command)

    def tried(self, what: str, step: Any, *arguments: Any) -> None:
        """Do a step of the engine's; an error becomes one line that begins with `what`."""
        try:
            step(*arguments)
        except Refused as error:
            text = str(error)
            raise Refused(text if text.startswith("ipre") else f"{what}: {text}") from error
        except self.engine.trouble as error:
            raise Refused(f"{what}: {first_line(error)}") from error

    def check_demo(self, command: Command) -> None:
        """Refuse to build the demo over own data: a scheduler without its setting must not show invented customers."""
        where = "" if command.wanted_data or command.data_kind == "own" else self.engine.shows_own_data(command)
        if where:
            raise Refused(
                f"ipre input: {where}, but neither data_dir nor input_relations is set, so this run would build the "
                "demo. Set data_dir (or IPRE_DATA_DIR) to the folder of your files; to build the demo, set data_dir: "
                "demo."
            )

    def check_as_of_date(self, command: Command) -> None:
        """Refuse a date before the first or after the last invoice: lists from nothing, or old ones that look new."""
        [days] = self.engine.rows(
            f"select min(day) as first, max(day) as last from (select {command.rules['day']} as day "
            f"from {self.engine.invoices(command)}) as days where not {command.rules['is_too_late']}"
        )
        wanted = str(command.values["as_of_date"])
        if days["first"] is not None and not str(days["first"]) <= wanted <= str(days["last"]):
            raise illegal("as_of_date", f"a date inside the data, from {days['first']} to {days['last']}", wanted)

    def check_absent(self, command: Command) -> None:
        """Refuse data without a table or a column that the published run had.

        Everyone would see all customers, or products that are discontinued. Unless that is accepted for today: the
        table may have been emptied on purpose.
        """
        is_to_be = command.data_kind == "demo" or command.is_accepted
        if is_to_be or self.published is None or self.published["changed_data"]:
            return
        logged = f"{self.engine.schema('main')}.{ROW_LOG}"
        rows = self.engine.rows(
            f"select input_table, rows_accepted, column_values from {logged} "
            f"where run_id = '{self.published['run_id']}'"
        )
        values = {row["input_table"]: json.loads(row["column_values"]) for row in rows if row["column_values"]}
        if gone := " ".join(gone_columns(values, self.column_values)):
            raise Refused(
                f"ipre input: {gone} Check the export, or name the column in input_columns if it has another name now. "
                f"If it is gone on purpose, accept that for today with {command.acceptance}."
            )
        before = {row["input_table"]: row["rows_accepted"] for row in rows}
        for table in [table for table in input_tables().values() if table.may_be_absent]:
            [now] = self.engine.rows(f"select count(*) as rows_read from {self.engine.schema('input')}.{table.name}")
            if before.get(table.name) and not now["rows_read"]:
                raise Refused(
                    f"ipre input: {table.name} has no rows; in the published run it had {before[table.name]:,}. Check "
                    f"its export and {table.where}. If you deleted them on purpose, accept that for today with "
                    f"{command.acceptance}."
                )

    def compare_with(self, command: Command) -> None:
        """Show the models what readers see now, and what was changed on purpose since."""
        run_id = self.engine.connect_published(command)
        if run_id is not None:
            logged = f"{self.engine.schema('main')}.{RUN_LOG}"
            [before] = self.engine.rows(f"select * from {logged} where run_id = '{run_id}'")
            self.published = what_changed(before, self.engine.log.run) | {"run_id": run_id}
        self.engine.show_published_run(self.published)

    def do_check_inputs(self, *, ambiguous_ids: str, max_rejected_share: float, newest_is_today: bool) -> None:
        """Before the lists: stop when too much of the input, or its newest day, cannot be trusted."""
        counts = count_rows(self.engine, EXPORT)
        reason = (
            too_much_rejected(self.engine, counts, max_rejected_share)
            or too_much_unreadable(self.engine, max_rejected_share)
            or too_much_returned(self.engine)
            or nothing_in_stock(self.engine)
            or too_much_ambiguous(self.engine, ambiguous_ids)
            or (newest_is_today and few_after_a_gap(self.engine))
        )
        if reason:
            raise Refused(reason)

    def do_end(self, *, results: list[Any], answer: dict[str, str], **told: Any) -> None:
        """Run end: publish what passed, else note and say why nothing was published.

        results: dbt's. answer: gets the `reason` when only publishing failed, so that the command does, too.
        """
        command = Command.told(**told)
        if not command.is_build:
            return
        try:
            self.end(command, results, answer)
        finally:
            self.engine.stop()

    def end(self, command: Command, results: list[Any], answer: dict[str, str]) -> None:
        """Publish, or say why not."""
        built = {result.node.name for result in results if result.status == "success"}
        self.measure(built)
        failed, missing = failures(self.engine, command, results), left_out(command, results)
        if failed:
            self.engine.log.end(Outcome.FAILED, failed)
        elif missing:
            self.engine.log.end(Outcome.NOT_PUBLISHED, missing)
        else:
            try:
                self.engine.publish(command.tables)
            except Published as error:
                answer["reason"] = str(error)
                return
            except (Refused, *self.engine.trouble) as error:
                answer["reason"] = f"ipre could not publish: {first_line(error)}"
                self.engine.log.end(Outcome.FAILED, answer["reason"])
        if reason := failed or missing or answer.get("reason", ""):
            tell("")
            tell(f"ipre: nothing was published; readers still see what they saw before. Reason: {reason}")
        elif not command.is_quiet:
            for line in report(self.engine, command):
                tell(line)

    def measure(self, built: set[str]) -> None:
        """Take the figures of the run log that come from tables, of those that this command built."""
        log, build = self.engine.log, self.engine.schema("build")
        try:
            counts = count_rows(self.engine, [table for table, model in JUDGED.items() if model in built])
            log.count({name: replace(one, values=self.column_values.get(name)) for name, one in counts.items()})
            for column, (model, value) in FIGURES.items():
                if model in built:
                    [row] = self.engine.rows(f"select {value} as value from {build}.{model}")
                    log.run[column] = row["value"]
        except self.engine.trouble:  # What cannot be read any more stays null; there are other troubles then.
            pass

    def do_roll_back(self, *, to: str, **told: Any) -> None:
        """Show readers an earlier published set again. to: its name or the id of its run; empty: the one before."""
        command = Command.told(**told)
        self.engine.open(command, facts(command) | {"command": "roll_back", "data_kind": None})
        try:
            self.tried("ipre roll_back", self.engine.prepare, command)
            self.tried("ipre roll_back", self.engine.roll_back, command.tables, to)
        except Refused as error:
            self.refuse(str(error))
        [row] = self.engine.rows(
            f"select reason from {self.engine.schema('main')}.{RUN_LOG} where run_id = '{command.run_id}'"
        )
        tell(f"ipre: rolled back {row['reason']}. The next full build publishes as usual.")

    def do_move_published(self, **told: Any) -> None:
        """Move what readers see to the folder or store that IPRE_PUBLISH_DIR names now."""
        command = Command.told(**told)
        self.tried("ipre move_published", self.engine.move, command)
        tell(f"ipre: moved. Readers now find the tables {self.engine.where_published(command)}.")

    def refuse(self, reason: str) -> None:
        """Stop the command; a run that is open is noted as refused."""
        self.engine.stop()
        self.engine.log.end(Outcome.REFUSED, reason)
        raise Refused(reason)


def facts(command: Command) -> dict[str, Any]:
    """Return what the log says of a run from its start on."""
    parameters = {name: value for name, value in command.values.items() if name not in NOT_IN_THE_LOG}
    return {
        "run_id": command.run_id,
        "command": command.name,
        "outcome": Outcome.RUNNING,
        "project_version": str(yaml.safe_load(PROJECT_FILE.read_text())["version"]),
        "dbt_version": command.dbt_version,
        "parameters": json.dumps(parameters, sort_keys=True, default=str),
        "data_kind": command.data_kind,
        "started_at": command.started_at.astimezone(UTC).replace(tzinfo=None),
    }


def what_changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str | None]:
    """Say what was changed on purpose from one run to the next, as rows of the log: None for what was not."""
    changed = changes(json.loads(before["parameters"]), json.loads(now["parameters"]))
    as_of_date = changed.pop("as_of_date", None)
    kinds, versions = ((before[name], now[name]) for name in ("data_kind", "project_version"))
    return {
        "changed_data": None if kinds[0] == kinds[1] else f"the data were {kinds[0]}, are {kinds[1]}",
        "changed_as_of_date": as_of_date,
        "changed_parameters": "; ".join(changed.values()) or None,
        "changed_version": None if versions[0] == versions[1] else f"ipre was {versions[0]}, is {versions[1]}",
    }
