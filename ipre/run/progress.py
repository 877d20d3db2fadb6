"""Progress of a long build: one line per stage with what it found, and in a terminal a line that is rewritten.

A callback of dbt's event manager learns when a node starts and ends. Lines are dbt messages, so that they follow its
settings (--quiet, --log-format json) and are in its log file; one a stage does not flood a log file. The rewritten line
is shown in a terminal only, and removed at the end.
"""

import re
import sys
import threading
import time
from typing import Any, TextIO

import duckdb
from dbt_common.events.base_types import EventLevel, EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note

# A smaller build is over before anybody wonders.
FROM_LINES = 1_000_000
MOVES_EVERY_SECONDS = 0.5
# The last model of a stage -> the name of the stage, and what it found: a table in braces stands for its rows.
STAGES = {
    "stg_invoice_lines": (
        "staging",
        "{stg_invoice_lines} invoice lines of {customer_numbers} customers and {stg_products} products",
    ),
    "market_basket": ("market basket", "{market_basket} pairs of a customer and a product"),
    "cluster_profiles": ("clustering", "{customer_clusters} customers in {cluster_profiles} clusters"),
    "associations": ("associations", "{associations} rules"),
    "recommendations": ("ranking", "{recommendations} recommendations"),
    "final_recommendations": ("lists", "{final_recommendations} recommendations after {current_ratings} ratings"),
}


class Progress:
    """The progress of one build. Without `start` it does nothing."""

    def __init__(self, terminal: TextIO | None = None) -> None:
        """terminal: where the rewritten line goes; None: standard error, if it is a terminal."""
        looks = sys.stderr.isatty() and sys.stdout.isatty()
        self.terminal = terminal or (sys.stderr if looks else None)
        self.started: float | None = None
        self.cursors: dict[int, duckdb.DuckDBPyConnection] = {}

    def start(self, connection: duckdb.DuckDBPyConnection, lines: int, nodes: int) -> None:
        """Listen to dbt from now on, if the input is large. lines: invoice lines read; nodes: what dbt will run."""
        if lines < FROM_LINES or self.started is not None:
            return
        self.started = time.monotonic()
        self.connection, self.nodes, self.ended = connection, nodes, 0
        # unique_id of what runs -> its name, its thread and its start
        self.running: dict[str, tuple[str, int, float]] = {}
        self.stages_ended = 0
        add_callback_to_manager(self.hear)
        if self.terminal is not None:
            self.stop_moving = threading.Event()
            self.mover = threading.Thread(target=self.move, daemon=True)
            self.mover.start()

    def note_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Remember the cursor of the calling thread: DuckDB reports the progress of a query by cursor."""
        if self.started is not None and self.terminal is not None:
            cursor.execute("set enable_progress_bar = true")
            cursor.execute("set enable_progress_bar_print = false")
            self.cursors[threading.get_ident()] = cursor

    def hear(self, event: EventMsg) -> None:
        """Handle one event of dbt, in the thread that works on the node."""
        if event.info.name == "NodeStart":
            node = event.data.node_info
            self.running[node.unique_id] = (node.node_name, threading.get_ident(), time.monotonic())
        elif event.info.name == "NodeFinished":
            node = event.data.node_info
            self.running.pop(node.unique_id, None)
            self.ended += 1
            if node.resource_type == "model" and node.node_status == "success" and node.node_name in STAGES:
                self.tell(*STAGES[node.node_name])

    def tell(self, stage: str, found: str) -> None:
        """Say what a stage found. found: as in STAGES."""
        with self.connection.cursor() as cursor:
            query = "select count(*) from build."
            counts = {table: cursor.sql(query + table).fetchone()[0] for table in re.findall(r"{(\w+)}", found)}
        text = found.replace("}", ":,}").format(**counts)
        self.stages_ended += 1
        done = f"{self.stages_ended} of {len(STAGES)} stages"
        fire_event(Note(msg=f"ipre {self.elapsed()}, {done}: {stage}: {text}"), level=EventLevel.INFO)

    def elapsed(self) -> str:
        """Return the time since the start, as 4:05."""
        minutes, seconds = divmod(int(time.monotonic() - (self.started or 0)), 60)
        return f"{minutes}:{seconds:02}"

    def line(self) -> str:
        """Return the rewritten line: how much is done, what has run longest, and how far that is."""
        parts = [f"ipre {self.elapsed()}", f"{self.ended} of {self.nodes} steps done"]
        running = sorted(self.running.copy().values(), key=lambda one: one[2])
        if running:
            name, thread, since = running[0]
            percent = self.percent(thread)
            how_far = f"{percent:.0f} %, " if percent > 0 else ""
            parts.append(f"{name} ({how_far}{time.monotonic() - since:.0f} s)")
        elif self.ended:
            parts.append("publishing")
        return ", ".join(parts)

    def percent(self, thread: int) -> float:
        """Return the percentage of the thread's query; -1 if DuckDB cannot say or does not run it."""
        try:
            return self.cursors[thread].query_progress() if thread in self.cursors else -1
        except duckdb.Error:  # The cursor was closed meanwhile.
            return -1

    def move(self) -> None:
        """Rewrite the line until the end. The cursor returns to its start, so that dbt's output overwrites it."""
        while not self.stop_moving.wait(MOVES_EVERY_SECONDS):
            self.terminal.write(f"\x1b[2K{self.line()[:78]}\r")
            self.terminal.flush()

    def stop(self) -> None:
        """Remove the line and stop listening."""
        if self.started is None:
            return
        callbacks: list[Any] = get_event_manager().callbacks
        if self.hear in callbacks:
            callbacks.remove(self.hear)
        if self.terminal is not None:
            self.stop_moving.set()
            self.mover.join()
            self.terminal.write("\x1b[2K")
            self.terminal.flush()
        self.cursors.clear()
        self.started = None
