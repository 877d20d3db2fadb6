"""The dbt command that runs, on either engine: its run in the log, also when it ends without a word."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from dbt_common.events.base_types import EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager

from .run_log import Outcome
from .warehouse import first_line

RETRY_REFUSED = "ipre: `dbt retry` would mix tables of two nights, and publishes nothing. Run `dbt build`."


def name_of_command(told: str) -> str:
    """Give the command's name. told: by macros, for which a `dbt retry` is the command that it retries."""
    command = click.get_current_context(silent=True)
    return "retry" if command is not None and command.info_name == "retry" else told


def open_run(run_log: Any, run: dict[str, Any], when_it_dies: Callable[[], None] = lambda: None) -> None:
    """Note the run, and close it when an exception ends the command, which then runs no hook.

    when_it_dies: is called before that.
    """
    run_log.begin(**run | {"command": name_of_command(run["command"])})

    def hear(event: EventMsg) -> None:
        # dbt tells of it while it handles the exception.
        if event.info.name == "MainEncounteredError":
            error = sys.exception()
            when_it_dies()
            if isinstance(error, KeyboardInterrupt):
                run_log.end(Outcome.INTERRUPTED, "somebody stopped it (Ctrl-C)")
            else:
                run_log.end(Outcome.FAILED, first_line(error or RuntimeError(event.data.exc)))

    add_callback_to_manager(hear)
