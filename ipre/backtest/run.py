"""Would the lists have worked? `make backtest` asks your own data; see docs/which-ranker.md.

For each window the project is built as of an earlier day, in a warehouse and a folder of its own, with both rankers;
readers see nothing of it. What customers then bought for the first time says which lists were better, what they bought
again what the chances of a repeat were worth. Prints tables and a verdict, and leaves backtest_metrics,
backtest_calibration and a figure in the results folder.
"""

import argparse
import datetime
import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from ipre.backtest.report import MEASURE, figure, reorders_in_words, terminal
from ipre.own_build import PROJECT, environment

DBT = Path(sys.executable).with_name("dbt")
TABLES = ("backtest_metrics", "backtest_calibration")


class Failed(Exception):
    """A message for the person who asked."""


def main() -> None:
    """Build every window and print the result."""
    options = arguments()
    try:
        results = options.results / (Path(options.data).name or "data")
        days = [datetime.date.fromisoformat(day) for day in options.as_of]
        days = days or last_windows(options.data, results, options.windows, options.days)
        for number, day in enumerate(days, 1):
            settings = {"ranker": "learned", "as_of_date": str(day), "evaluation_days": options.days}
            dbt(options.data, results / str(day), settings, f"window {number} of {len(days)}, as of {day}", [])
        collect(results, days)
    except Failed as failed:
        sys.exit(f"ipre backtest: {failed}")


def arguments() -> argparse.Namespace:
    """Return what `make backtest` passes on."""
    parser = argparse.ArgumentParser(description="Measure both rankers by what was bought later.")
    parser.add_argument("--data", default="demo", help="folder or address as in data_dir (default: the demo data)")
    parser.add_argument("--windows", type=whole, default=3, help="how many (default 3)")
    parser.add_argument("--days", type=whole, default=90, help="length of a window (default 90)")
    parser.add_argument("--as-of", nargs="*", default=[], help="days, YYYY-MM-DD, instead of the last windows")
    parser.add_argument("--results", type=Path, default=PROJECT / "backtest", help="where results go")
    return parser.parse_args()


def whole(text: str) -> int:
    """Return a whole number of 1 or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more; got {text!r}")
    return int(text)


def last_windows(data: str, results: Path, windows: int, days: int) -> list[datetime.date]:
    """Return the first days of the last windows that end by the newest accepted invoice line, oldest first."""
    folder = results / "dates"
    dbt(data, folder, {}, "reading the dates", ["--select", "+stg_invoice_lines", "--exclude-resource-type", "test"])
    with duckdb.connect(str(folder / "ipre.duckdb"), read_only=True) as connection:
        query = "select min(invoice_date), max(invoice_date) from build.stg_invoice_lines"
        first, last = connection.execute(query).fetchall()[0]
    starts = [last - datetime.timedelta(days=days * number) for number in range(windows, 0, -1)]
    possible = [day for day in starts if day > first]
    if not possible:
        raise Failed(f"the data run from {first} to {last}, too short for a window of {days} days. Set fewer DAYS.")
    if len(possible) < windows:
        print(f"The data begin on {first}, so only {len(possible)} of {windows} windows have earlier data.")
    return possible


def dbt(data: str, folder: Path, settings: dict, what: str, options: list[str]) -> None:
    """`dbt build` in a warehouse and a folder of its own, with a line that says how far it is."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "build.log"
    variables = environment(folder)
    variables.pop("IPRE_DATA_DIR", None)
    settings = {"data_dir": str(Path(data).resolve()) if data != "demo" and "://" not in data else data, **settings}
    command = [str(DBT), "build", "--vars", json.dumps(settings), *options]
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=variables, stdout=output, stderr=subprocess.STDOUT)
        while process.poll() is None:
            if sys.stderr.isatty():
                print(f"\r{what}: {time.monotonic() - started:.0f} s", end="", file=sys.stderr, flush=True)
            time.sleep(0.5)
    print(f"\r{what}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    if process.returncode:
        told = [line.split("ipre: ")[-1] for line in log.read_text().splitlines() if "ipre: " in line]
        raise Failed(f"{what} failed: {told[-1] if told else 'dbt could not start'} The full log is {log}")


def collect(results: Path, days: list[datetime.date]) -> None:
    """Put the windows together, for the dashboard and for the terminal."""
    with duckdb.connect() as connection:
        for table in TABLES:
            files = [str(results / str(day) / "published" / f"{table}.parquet") for day in days]
            connection.execute(f"create table {table} as select * from read_parquet(?) order by all", [files])
            for kind in ("parquet", "csv"):
                connection.execute(f"copy {table} to '{results / table}.{kind}'")
        metrics = connection.execute("select * from backtest_metrics").df().to_dict("records")
        tenths = connection.execute("select * from backtest_calibration order by all").df().to_dict("records")
    if not any(row["measure"] == MEASURE for row in metrics):
        raise Failed("no customer bought anything new in the windows, or the data end before them. Set other DAYS.")
    print(terminal(metrics, tenths))
    print(reorders_in_words(metrics, tenths))
    (results / "backtest.svg").write_text(figure(metrics))
    print(f"\nTables and figure: {results}")


if __name__ == "__main__":
    main()
