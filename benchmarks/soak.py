"""Kill builds at random moments while readers read, and report everything they saw that was wrong.

    .venv/bin/python benchmarks/soak.py                              a short round, about two minutes
    .venv/bin/python benchmarks/soak.py --kills 100 --readers 10     the long one

Two distributors, A and B, are built in turn into one warehouse and one folder. Every build is killed with SIGKILL:
half of them at any moment, half while they publish. Readers poll the folder all the time. Whatever they open must be
wholly A or wholly B: the serving file, the set of files behind `current`, single files under their public names. After
every kill warehouse, files and run log must name the same run and show the same rows. After every fifth a build is
left alone and must succeed, and a rollback is killed. Exit status 1 when anything was wrong.
"""

import argparse
import collections
import contextlib
import hashlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

sys.path.append(str(Path(__file__).resolve().parents[1]))
from ipre.own_build import PROJECT, environment

sys.path.insert(0, str(PROJECT / "seeds"))
# These tell of runs, so they differ from one build of the same data to the next; of the logs the warehouse shows more.
# The findings say how old the export is: another number of days after midnight.
LOGS = {"build_runs", "build_run_rows"}
ABOUT_RUNS = {
    "adoption_metrics", "adoptions", "input_findings", "recommendation_changes", "run_comparison", "shown_ledger",
}  # fmt: skip
DBT = str(Path(sys.executable).parent / "dbt")
BUILD = [DBT, "build", "--no-write-json"]
ROLL_BACK = [DBT, "run-operation", "roll_back", "--no-write-json"]
# The run that made the set which readers see, and the run whose lists it has, as a log tells it.
TOLD = (
    "select run_id, published_run_id, outcome from {} where published_run_id is not null "
    "order by finished_at desc limit 1"
)


def fingerprint(connection: duckdb.DuckDBPyConnection, tables: dict[str, str]) -> dict[str, tuple]:
    """Return rows and hash of each table, whatever the order of its rows. tables: name -> what stands after `from`."""
    return {
        name: connection.execute(f"select count(*), bit_xor(hash(rows)) from {source} as rows").fetchall()[0]
        for name, source in sorted(tables.items())
        if name not in LOGS
    }


def of_data(found: dict[str, tuple]) -> dict[str, tuple]:
    """Return the part of a fingerprint that the data alone decide."""
    return {name: value for name, value in found.items() if name not in ABOUT_RUNS}


def of_database(path: Path, schema: str = "main") -> dict[str, tuple]:
    """Fingerprint of all tables and views of a DuckDB file."""
    with duckdb.connect(str(path), read_only=True, config={"threads": 1}) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = ?", [schema]
        ).fetchall()
        return fingerprint(connection, {name: f'{schema}."{name}"' for (name,) in names})


def of_set(folder: Path) -> dict[str, tuple]:
    """Fingerprint of one set's Parquet files."""
    with duckdb.connect(config={"threads": 1}) as connection:
        return fingerprint(connection, {path.stem: f"read_parquet('{path}')" for path in folder.glob("*.parquet")})


def of_file(path: Path) -> dict[str, tuple]:
    """Fingerprint of one Parquet file, opened once.

    DuckDB itself opens a Parquet file twice, for its columns and for its rows; by a name that moves between the two it
    would read the one of one run and the other of another (README, "Run it every night").
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(path.read_bytes())
        return of_set(Path(folder))


def read_forever(published: Path, known: dict, stop, wrong, polls, number: int) -> None:
    """One reader: read in three ways in turn until told to stop; put whatever is wrong into `wrong`."""
    chance = random.Random(number)
    worlds, texts = [known[name][0] for name in known], [known[name][1] for name in known]
    while not stop.is_set():
        for what in ("serving file", "set", "single files"):
            try:
                if what == "serving file":
                    right = of_data(of_database(published / "ipre_serving.duckdb")) in worlds
                elif what == "set":
                    right = of_data(of_set((published / "current").resolve())) in worlds
                else:
                    csv = hashlib.sha256((published / "final_recommendations.csv").read_bytes()).hexdigest()
                    one = of_file(published / "final_recommendations.parquet")
                    right = csv in texts and any(one.items() <= world.items() for world in worlds)
                if not right:
                    wrong.put(f"reader {number}: the {what} was neither A nor B")
            except Exception as error:
                wrong.put(f"reader {number}: the {what} could not be read: {error}")
            with polls.get_lock():
                polls.value += 1
            time.sleep(chance.uniform(0, 0.5))


class Soak:
    """The warehouse, the folder, and the builds into them."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        """folder: takes everything; chance: decides when builds are killed."""
        self.folder, self.chance = folder, chance
        self.published = folder / "published"
        self.warehouse = folder / "ipre.duckdb"
        self.data = folder / "data"
        self.environment = environment(folder, IPRE_DATA_DIR=str(self.data), IPRE_RATINGS_URL="none")

    def make_data(self) -> None:
        """Two small distributors of the project's own generator."""
        from generate_realistic_dataset import generate, write

        for name, seed in (("A", 1), ("B", 2)):
            write(generate(customers=400, products=600, invoices=5_000, seed=seed), self.folder / name, "csv")

    def start(self, world: str, command: list[str] = BUILD) -> subprocess.Popen:
        """Start a build of A or B, or a rollback. One path for both, so that dbt need not parse anew."""
        self.data.unlink(missing_ok=True)
        self.data.symlink_to(world)
        output = (self.folder / "output.log").open("w")
        # B after A is an unusual change.
        accepted = ["--vars", f"accept_jump_on: {datetime.now(UTC).date()}"]
        return subprocess.Popen(
            command + accepted,
            cwd=self.folder,
            env=self.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def finish(self, build: subprocess.Popen) -> str | None:
        """Let a build end; give what is wrong with it."""
        if build.wait() == 0:
            return None
        return "a build that was left alone failed:\n" + (self.folder / "output.log").read_text()[-2000:]

    def is_publishing(self) -> bool:
        """Whether a set is being written."""
        with contextlib.suppress(FileNotFoundError):
            return any(self.published.glob("sets/.unfinished-*/*"))
        return False

    def kill(self, build: subprocess.Popen, seconds: float, while_publishing: bool) -> str:
        """Kill a build at a moment between start and end, or about while it publishes; give what it was doing."""
        shown = (self.published / "current").readlink()
        end = time.monotonic() + self.chance.uniform(0, seconds)
        if while_publishing:
            while not self.is_publishing() and build.poll() is None:
                time.sleep(0.001)
            end = time.monotonic() + self.chance.uniform(0, 1)
        while time.monotonic() < end and build.poll() is None:
            time.sleep(0.001)
        if build.poll() is not None:
            return "were faster"
        publishing = self.is_publishing()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(build.pid, signal.SIGKILL)
        build.wait()
        if (self.published / "current").readlink() != shown:
            return "after publishing"
        return "while publishing" if publishing else "before publishing"


def main(arguments: list[str] | None = None) -> int:
    """Run the soak; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=6, help="builds to kill (default 6)")
    parser.add_argument("--readers", type=int, default=3, help="readers that poll meanwhile (default 3)")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments (default 0)")
    options = parser.parse_args(arguments)

    with tempfile.TemporaryDirectory(prefix="ipre_soak_") as folder:
        return run(Soak(Path(folder), random.Random(options.seed)), options.kills, options.readers)


def run(soak: Soak, kills: int, readers: int) -> int:
    """Build A and B once to know them; then kill, read and compare."""
    soak.make_data()
    known, seconds = {}, 0.0
    for world in "BAA":  # The second A is timed: everything is parsed and cached by then.
        started = time.monotonic()
        if trouble := soak.finish(soak.start(world)):
            print(trouble)
            return 1
        seconds = time.monotonic() - started
        folder = (soak.published / "current").resolve()
        csv = hashlib.sha256((folder / "final_recommendations.csv").read_bytes()).hexdigest()
        known[world] = (of_data(of_set(folder)), csv)
    assert known["A"] != known["B"]
    print(f"A and B are built; a build takes {seconds:.1f} s")

    manager = multiprocessing.get_context("spawn")
    stop, wrong, polls = manager.Event(), manager.Queue(), manager.Value("i", 0)
    processes = [
        manager.Process(target=read_forever, args=(soak.published, known, stop, wrong, polls, number))
        for number in range(1, readers + 1)
    ]
    for process in processes:
        process.start()
    phases, mistakes, seen = collections.Counter(), [], collections.Counter()
    for number in range(1, kills + 1):
        world = soak.chance.choice("AB")
        phases[soak.kill(soak.start(world), seconds, while_publishing=number % 2 == 0)] += 1
        check_agreement(soak, known, mistakes, seen)
        if number % 5 == 0 or number == kills:
            world = soak.chance.choice("AB")
            if trouble := soak.finish(soak.start(world)):
                mistakes.append(trouble)
            elif of_data(of_set((soak.published / "current").resolve())) != known[world][0]:
                mistakes.append(f"a build of {world} was not killed, but {world} was not published")
            check_agreement(soak, known, mistakes, seen)
            phases[soak.kill(soak.start(world, ROLL_BACK), seconds, while_publishing=True)] += 1
            check_agreement(soak, known, mistakes, seen)
            if trouble := soak.finish(soak.start(world)):
                mistakes.append(trouble)
    stop.set()
    while any(process.is_alive() for process in processes) or not wrong.empty():
        with contextlib.suppress(Exception):
            mistakes.append(wrong.get(timeout=0.2))
    left = [path.name for path in (soak.published / "sets").iterdir() if path.name.startswith(".")]
    if left:
        mistakes.append(f"files left by a build that was not killed: {', '.join(left)}")

    print(
        f"{phases.total()} builds and rollbacks killed: "
        + ", ".join(f"{count} {phase}" for phase, count in sorted(phases.items()))
    )
    print(f"{readers} readers read {polls.value:,} times")
    print(f"the warehouse was looked at {sum(seen.values())} times: {dict(sorted(seen.items()))}")
    print(f"wrong: {len(mistakes)}")
    for mistake in mistakes[:20]:
        print(f"  {mistake}")
    return 1 if mistakes else 0


def check_agreement(soak: Soak, known: dict, mistakes: list[str], seen: collections.Counter) -> None:
    """Warehouse, files and run log show the same rows, completely A or completely B, and name the same run."""
    try:
        found, told = of_database(soak.warehouse), set()
        for path in (soak.warehouse, soak.published / "ipre_serving.duckdb"):
            with duckdb.connect(str(path), read_only=True) as connection:
                told.update(connection.execute(TOLD.format("main.build_runs")).fetchall())
        with duckdb.connect() as connection:
            log = f"read_parquet('{soak.published / 'build_runs.parquet'}')"
            told.update(connection.execute(TOLD.format(log)).fetchall())
    except duckdb.Error as error:
        mistakes.append(f"what readers see could not be read after a kill: {error}")
        return
    world = next((name for name in known if known[name][0] == of_data(found)), None)
    seen[world or "mixed"] += 1
    if world is None:
        mistakes.append("the tables of the warehouse were neither A nor B after a kill")
    shown = (soak.published / "current").readlink().name
    if found != of_set((soak.published / "current").resolve()):
        mistakes.append("warehouse and files show other rows after a kill")
    if len(told) != 1 or not shown.endswith(next(iter(told))[0]):
        mistakes.append(f"readers see {shown} after a kill, but the logs say {sorted(told)}")


if __name__ == "__main__":
    sys.exit(main())
