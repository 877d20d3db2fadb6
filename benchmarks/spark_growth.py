"""How a build on Apache Spark grows: three sizes, in one session and on a cluster of one and of two workers.

`make bench-spark` runs it, and writes the tables of docs/scale.md. Every build runs on the same two cores of this
machine: what differs between `local[2]` and a cluster is what distribution itself costs. Takes most of an hour;
`--sizes 50000` is a try.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
CACHE = Path(__file__).resolve().parent / ".cache" / "spark"
DOCUMENT = PROJECT / "docs" / "scale.md"
sys.path.insert(0, str(PROJECT / "tests" / "spark"))

from cluster import running_cluster  # noqa: E402
from worlds import Build, sample  # noqa: E402

SIZES = [200_000, 600_000, 2_000_000]
CORES = 2
# Name -> workers and the memory of each executor; without workers everything is in the driver's process.
PLACES = {
    "`local[2]`": (0, "3g"),
    "one worker, two cores": (1, "3g"),
    "two workers, one core each": (2, "1536m"),
}


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def cpu_seconds() -> float:
    """The seconds that all processes of this machine have computed since it started: the cluster's, too."""
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def place(name: str, folder: Path) -> Iterator[str]:
    """Give the address of a session or a cluster that runs for a while, with Spark's settings for it."""
    workers, memory = PLACES[name]
    settings = {
        "spark.driver.memory": memory if not workers else "2g",
        "spark.executor.memory": memory,
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "events").as_uri(),
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
    }
    for made in ("events", "conf", "cluster"):
        (folder / made).mkdir(parents=True)
    lines = "".join(f"{key} {value}\n" for key, value in settings.items())
    (folder / "conf" / "spark-defaults.conf").write_text(lines)
    os.environ["SPARK_CONF_DIR"] = str(folder / "conf")
    if not workers:
        yield f"local[{CORES}]"
        return
    with running_cluster(folder / "cluster", workers, CORES // workers, memory) as cluster:
        yield cluster.master


def measured(name: str, lines: int) -> dict[str, float]:
    """Build a size in a place, without tests. Gives wall and cpu in seconds, and what Spark says of its tasks."""
    data = CACHE / "data" / str(lines)
    if not data.exists():
        say(f"making {lines:,} invoice lines")
        sample(data, lines)
    folder = CACHE / "build"
    shutil.rmtree(folder, ignore_errors=True)
    with place(name, folder) as master:
        build = Build(folder / "dbt", master)
        build.run("demo", "parse")
        started, computed = time.perf_counter(), cpu_seconds()
        build.run(str(data / "many_machines"), "run")
        result = {"wall": time.perf_counter() - started, "cpu": cpu_seconds() - computed}
    [events] = (folder / "events").iterdir()
    tables = folder / "dbt" / "spark" / "tables"
    stored = sum(file.stat().st_size for file in tables.rglob("*.parquet"))
    return result | {"stored": stored} | of_tasks(events)


def of_tasks(events: Path) -> dict[str, float]:
    """Sum up Spark's log of events: seconds of computing, bytes between tasks, bytes on disk, the longest task."""
    ended = [
        event
        for line in events.open()
        if line.startswith('{"Event":"SparkListenerTaskEnd"') and (event := json.loads(line)).get("Task Metrics")
    ]
    metrics = [event["Task Metrics"] for event in ended]
    return {
        "tasks": len(metrics),
        "task_cpu": sum(task["Executor CPU Time"] for task in metrics) / 1e9,
        "task_wall": sum(task["Executor Run Time"] for task in metrics) / 1e3,
        "longest_task": max(task["Executor Run Time"] for task in metrics) / 1e3,
        "shuffled": sum(task["Shuffle Write Metrics"]["Shuffle Bytes Written"] for task in metrics),
        "spilled": sum(task["Disk Bytes Spilled"] for task in metrics),
        "peak_of_a_task": max(task["Peak Execution Memory"] for task in metrics),
    }


def tables(results: dict[str, dict[str, float]], sizes: list[int]) -> str:
    """Give the tables of the document."""
    said = [
        "| invoice lines | where | wall s | CPU s | s in tasks | longest task s | MB between tasks | MB of tables |"
    ]
    said.append("|--:|---|--:|--:|--:|--:|--:|--:|")
    for lines in sizes:
        for name in PLACES:
            found = results[f"{lines} {name}"]
            said.append(
                f"| {lines:,} | {name} | {found['wall']:.0f} | {found['cpu']:.0f} | {found['task_wall']:.0f} "
                f"| {found['longest_task']:.1f} | {found['shuffled'] / 1e6:,.0f} | {found['stored'] / 1e6:,.0f} |"
            )
    return "\n".join(said)


def main() -> None:
    """Measure what is not measured yet, and write the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--again", action="store_true", help="measure anew what a stopped run has measured")
    options = parser.parse_args()
    notes = CACHE / "results.json"
    results = json.loads(notes.read_text()) if notes.exists() and not options.again else {}
    for lines in options.sizes:
        for name in PLACES:
            if f"{lines} {name}" not in results:
                results[f"{lines} {name}"] = found = measured(name, lines)
                say(f"{lines:,} lines, {name}: {found}")
                notes.write_text(json.dumps(results, indent=1))
    before, _, rest = DOCUMENT.read_text().partition("<!-- measured -->\n")
    _, _, after = rest.partition("<!-- end -->\n")
    DOCUMENT.write_text(
        f"{before}<!-- measured -->\n{tables(results, options.sizes)}\n<!-- end -->\n{after}" if rest else before
    )


if __name__ == "__main__":
    main()
