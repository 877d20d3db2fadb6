"""One dbt command, on either engine: what dbt says of it (macros/run.sql), and its run in the log however it ends."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import click
from dbt_common.events.base_types import EventLevel, EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note

from .input_tables import input_tables
from .inputs import InputSettings
from .parameters import NAMES
from .run_log import KEYS, Outcome
from .set_files import Table
from .warehouse import first_line

RETRY_REFUSED = "ipre: `dbt retry` would mix tables of two runs, so it publishes nothing. Run `dbt build` instead."
# Their rows go with the lists: the run log and its counts (models/monitoring/_run_log.yml).
LOGS = "source.ipre.run_log."
# What this run is compared with: the meta of each says which published table it shows.
PUBLISHED = "source.ipre.published."


@dataclass(frozen=True)
class Command:
    """What dbt says of a command.

    name: build, run, test ..; values: every parameter's, as it is in force; given: those of --vars; target: the name of
    the profile's output; nodes, sources: dbt's, by unique_id; selected: the unique_ids that it runs; rules: SQL of
    staging that is asked before staging runs; is_accepted: whether unusual changes are accepted today.
    """

    run_id: str
    name: str
    started_at: datetime
    dbt_version: str
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    target: str
    nodes: Mapping[str, Any]
    sources: Mapping[str, Any]
    selected: frozenset[str]
    rules: Mapping[str, str]
    is_accepted: bool
    is_quiet: bool
    is_without_rows: bool
    is_deferred: bool

    @classmethod
    def told(
        cls,
        *,
        flags: Any,
        arguments: Mapping[str, Any],
        var: Callable[[str], Any],
        graph: Any,
        selected: list[str],
        **same: Any,
    ) -> Self:
        """Take what dbt's macros know, under the names that they have there. same: what has its name here, too."""
        return cls(
            name=name_of_command(flags.WHICH),
            values={name: var(name) for name in NAMES},
            given=arguments.get("vars") or {},
            nodes=graph["nodes"],
            sources=graph["sources"],
            selected=frozenset(selected),
            is_quiet=bool(flags.QUIET),
            is_without_rows=bool(flags.EMPTY or arguments.get("sample")),
            is_deferred=bool(arguments.get("defer")),
            **same,
        )

    @property
    def is_build(self) -> bool:
        """Whether it builds. A `dbt retry` is called what it retries, and refused as one."""
        return self.name in ("build", "run", "retry")

    @property
    def wanted_data(self) -> str:
        """What the settings name: a folder, an address, `demo`, or nothing."""
        return str(self.values["data_dir"] or os.environ.get("IPRE_DATA_DIR", ""))

    @property
    def input_settings(self) -> InputSettings:
        """Where the tables are."""
        folder = "" if self.wanted_data == "demo" else self.wanted_data
        return InputSettings(folder, self.values["input_relations"], self.values["input_databases"])

    @property
    def data_kind(self) -> str:
        """Whose data it is made from: `own`, or `demo` for the invented ones."""
        return "demo" if self.input_settings.is_demo else "own"

    @property
    def acceptance(self) -> str:
        """What a user adds to the settings to accept unusual changes for today."""
        return f"accept_jump_on: {self.started_at.astimezone():%Y-%m-%d}, added to your other --vars or settings file"

    @property
    def publish_dir(self) -> str:
        """The folder for published files. What is tried with the target `dev` is not for readers."""
        wanted = "" if self.publish_store else os.environ.get("IPRE_PUBLISH_DIR", "")
        return wanted or ("published_dev" if self.target == "dev" else "published")

    @property
    def publish_store(self) -> str:
        """The address of the object store for published files, or nothing."""
        wanted = os.environ.get("IPRE_PUBLISH_DIR", "")
        return wanted if "://" in wanted else ""

    @property
    def publish_database(self) -> str:
        """The address of the database for published tables; none for the target `dev`, which is not for readers."""
        wanted = str(self.values["publish_to"] or os.environ.get("IPRE_PUBLISH_TO", ""))
        return "" if self.target == "dev" else wanted

    @property
    def reads_inputs(self) -> bool:
        """Whether a model that it runs reads an input table, and not only what staging made of one."""
        tables = {f"{kind}.{name}" for kind in ("source.ipre.input", "seed.ipre") for name in input_tables()}
        return any(tables & parents(self.nodes[one]) for one in self.selected if one in self.nodes)

    @property
    def tables(self) -> list[Table]:
        """Every table that readers see: the models whose meta says `published`, and the logs.

        What another stage may read (`access`) is another question.
        """
        # The grain of every model that has a test of it: the first of its keys.
        keys = {
            test["attached_node"]: next(iter(test["test_metadata"]["kwargs"]["keys"].values()), [])
            for test in self.nodes.values()
            if (test.get("test_metadata") or {}).get("name") == "follows_rules"
        }
        models = [
            table_of(
                node,
                order_by=node["config"]["meta"].get("published_order", []),
                key=keys.get(name, []),
                kept=node["config"]["meta"].get("rows_of_earlier_runs_are_kept", False),
            )
            for name, node in self.nodes.items()
            if node["resource_type"] == "model" and node["config"]["meta"].get("published")
        ]
        logs = [
            table_of(node, key=KEYS[node["name"]], is_log=True)
            for name, node in self.sources.items()
            if name.startswith(LOGS)
        ]
        return sorted(models + logs, key=lambda table: table.name)

    @property
    def compared(self) -> dict[str, Table]:
        """What this run is compared with: view in `input` -> the published table that it shows."""
        tables = {table.name: table for table in self.tables}
        return {
            node["name"]: tables[node["config"]["meta"]["shows"]]
            for name, node in self.sources.items()
            if name.startswith(PUBLISHED) and "shows" in node["config"]["meta"]
        }


def parents(node: Mapping[str, Any]) -> set[str]:
    """Return the unique_ids of what a node reads. A seed reads nothing."""
    return set(node["depends_on"].get("nodes", []))


def table_of(node: Mapping[str, Any], **more: Any) -> Table:
    """Return a node of dbt's as a published table, with columns and descriptions of its properties file."""
    columns = node["columns"]
    return Table(
        name=node.get("alias", node["name"]),
        schema=node["schema"],
        columns={name: column["data_type"] for name, column in columns.items()},
        comments={"": node["description"]} | {name: column["description"] for name, column in columns.items()},
        **more,
    )


def name_of_command(told: str) -> str:
    """Return the command's name. told: by macros, for which a `dbt retry` is the command that it retries."""
    command = click.get_current_context(silent=True)
    return "retry" if command is not None and command.info_name == "retry" else told


def note_when_it_dies(run_log: Any, when_it_dies: Callable[[], None]) -> None:
    """Close the run when an exception ends the command, which then runs no hook. when_it_dies: is called before."""

    def hear(event: EventMsg) -> None:
        # dbt fires this event while it handles the exception.
        if event.info.name == "MainEncounteredError":
            error = sys.exception()
            when_it_dies()
            if isinstance(error, KeyboardInterrupt):
                run_log.end(Outcome.INTERRUPTED, "it was stopped with Ctrl-C")
            else:
                run_log.end(Outcome.FAILED, first_line(error or RuntimeError(event.data.exc)))

    add_callback_to_manager(hear)


def tell(line: str, *, is_trouble: bool = False) -> None:
    """Print a line as dbt prints its own: it obeys --quiet and --log-format, and is in dbt's log file.

    is_trouble: it is printed with --quiet, too.
    """
    fire_event(Note(msg=line), level=EventLevel.ERROR if is_trouble else EventLevel.INFO)
