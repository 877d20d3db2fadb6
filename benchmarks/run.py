"""How fast ipre is, against what, how its cost grows, and what the time is made of. `make bench` runs it.

Makes the data once (benchmarks/.cache, outside git), builds each size, counts pairs in eight ways on the same items,
runs the founding description in plain pandas, and writes docs/benchmarks.md and docs/benchmarks.svg. Everything that
is compared is measured in this one run, each in a process of its own, in turns; a ratio is one of medians. Seconds are
of the machine that the report names. Takes most of an hour, and ten minutes more for the data the first time.
`--sizes 50000` is a try of two minutes, and writes the report all the same.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb
from report import write_report

PROJECT = Path(__file__).resolve().parents[1]
CACHE = Path(__file__).resolve().parent / ".cache"
DOCS = PROJECT / "docs"
# ipre runs in the environment that its users have; only what it is compared with has another.
RUN = PROJECT / ".venv" / "bin"
# invoice lines -> customers, products
SIZES = {
    50_000: (5_000, 5_463),
    1_000_000: (50_000, 10_000),
    3_000_000: (150_000, 14_000),
    10_000_000: (500_000, 20_000),
}
# What DuckDB is held to in builds of the largest size, beside the default.
LIMITS = ["2GB", "1GB"]
WAYS = ["ipre", "sparse_product", "pyfim", "polars", "rusket", "efficient_apriori", "mlxtend", "pandas_merge"]
# The project's default, and one where there is five times as much to count.
DEFAULT_SUPPORT, LOW_SUPPORT = 0.05, 0.01
# Beyond a million lines only those that end within a minute.
WAYS_FOR_ALL_SIZES = WAYS[:4]
PACKAGES = {
    RUN / "python": ["dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "scikit-learn"],
    Path(sys.executable): ["scipy", "pyfim", "polars", "rusket", "efficient-apriori", "mlxtend"],
}
STAGES = ["staging", "market_basket", "overrides", "clustering", "associations", "ratings"]
STAGES += ["ranking", "lists", "evaluation", "impact", "monitoring"]


def say(text: str) -> None:
    """Print progress."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def opened(file: Path | None = None, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB file, or a database in memory, without a progress bar between the lines of this program."""
    connection = duckdb.connect(str(file), read_only=read_only) if file else duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    return connection


def measured(command: list[str], log: Path, **env: str) -> dict[str, float]:
    """Run a command. Returns wall and cpu in seconds and peak_mb, of this process alone; raises when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    peak_kb = 0
    with log.open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=PROJECT, env={**os.environ, **env}
        )
        ended = 0
        while not ended:
            time.sleep(0.05)
            # What the system says of an ended process includes the memory of the one that started it.
            peak_kb = max(peak_kb, high_water_kb(process.pid))
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed. Its output is in {log}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_mb": (peak_kb or usage.ru_maxrss) / 1024}


def high_water_kb(pid: int) -> int:
    """Return the most memory that a running process has used; 0 if the system does not say, or it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def data(lines: int) -> Path:
    """Return the generator's files of this size, made once."""
    folder = CACHE / "data" / str(lines)
    if not folder.exists():
        say(f"making {lines:,} invoice lines")
        customers, products = SIZES[lines]
        aside = folder.with_name(f".{lines}")
        shutil.rmtree(aside, ignore_errors=True)
        arguments = ["--customers", customers, "--products", products, "--invoices", lines, "--out", aside]
        generator = PROJECT / "seeds" / "generate_realistic_dataset.py"
        measured(
            [sys.executable, str(generator), *map(str, arguments), "--format", "parquet"], CACHE / "logs" / "data.log"
        )
        aside.rename(folder)
    return folder


def build(name: str, data_dir: Path | None, ranker: str = "formula", **env: str) -> dict:
    """Run a full `dbt build` into a new warehouse, dbt's parse of the project being warm, as it is for a second run.

    It is what `make build` runs: the project's profile, four models beside each other, half of the machine's memory.
    """
    options = [] if ranker == "formula" else ["--vars", json.dumps({"ranker": ranker})]
    folder = CACHE / "builds" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = {
        "IPRE_WAREHOUSE": str(folder / "ipre.duckdb"),
        "IPRE_PUBLISH_DIR": str(folder / "published"),
        "IPRE_DATA_DIR": str(data_dir or "demo"),
        "IPRE_RATINGS_URL": "none",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        **env,
    }
    measured([str(RUN / "dbt"), "parse", *options], folder / "parse.log", **settings)
    result = measured([str(RUN / "dbt"), "build", *options], folder / "build.log", **settings)
    return result | {"folder": str(folder), **shares(folder / "target", result["wall"])}


def artifacts(target: Path) -> tuple[dict, dict]:
    """Return what dbt left of a build: its nodes by unique_id, and its run results."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    return nodes, json.loads((target / "run_results.json").read_text())


def shares(target: Path, wall: float) -> dict:
    """Return what a build is made of, in seconds of its nodes (dbt's run results), which run beside each other."""
    nodes, run = artifacts(target)
    models: dict[str, float] = {}
    kinds = dict.fromkeys(["SQL models", "Python models", "data tests", "reading files", "publishing", "seeds"], 0.0)
    stages = dict.fromkeys(STAGES, 0.0)
    for result in run["results"]:
        unique_id, seconds = result["unique_id"], result["execution_time"]
        kind = unique_id.split(".")[0]
        if kind == "model":
            node = nodes[unique_id]
            models[node["alias"]] = seconds
            stages[node["fqn"][1]] += seconds
            kinds["Python models" if node["language"] == "python" else "SQL models"] += seconds
        elif kind == "operation":
            kinds["publishing" if "on-run-end" in unique_id else "reading files"] += seconds
        else:
            kinds["seeds" if kind == "seed" else "data tests"] += seconds
    kinds["dbt's start"] = max(0.0, wall - run["elapsed_time"])
    return {"models": models, "kinds": kinds, "stages": stages}


def pure_sql_seconds(folder: Path) -> float:
    """Seconds that DuckDB takes for all SQL models of a finished build without dbt: each once more, from its inputs."""
    nodes, run = artifacts(folder / "target")
    connection = opened(folder / "ipre.duckdb", read_only=False)
    connection.execute("create schema scratch")
    seconds = 0.0
    for result in run["results"]:
        node = nodes.get(result["unique_id"])
        if node and node["resource_type"] == "model" and node["language"] == "sql":
            sql = (folder / "target" / "compiled" / "ipre" / node["original_file_path"]).read_text()
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            started = time.perf_counter()
            connection.execute(f"create {kind} scratch.{node['name']} as {sql}")
            seconds += time.perf_counter() - started
    connection.close()
    return seconds


def pair_counting(
    lines: int, build_folder: Path, ways: list[str], repeats: int, min_support: float = DEFAULT_SUPPORT
) -> dict[str, dict]:
    """Time all ways on the items of this build, in turns. Raises when two of them count differently."""
    folder = CACHE / "pairs" / f"{lines}-{min_support}"
    folder.mkdir(parents=True, exist_ok=True)
    items = folder / "items.parquet"
    with opened(build_folder / "ipre.duckdb") as connection:
        connection.execute(
            "copy (select cluster_number, cluster_size, customer_number, product_number from build.market_basket "
            f"join build.customer_clusters using (customer_number)) to '{items}' (format parquet)"
        )
    compiled = build_folder / "target" / "compiled" / "ipre" / "models" / "associations" / "rules.sql"
    sql = compiled.read_text().replace('"ipre".', "")
    if f">= {DEFAULT_SUPPORT}" not in sql:
        raise RuntimeError(f"{compiled} was not built with a min_support of {DEFAULT_SUPPORT}")
    (folder / "rules.sql").write_text(sql.replace(f">= {DEFAULT_SUPPORT}", f">= {min_support}"))
    program = str(Path(__file__).with_name("pairs.py"))
    runs: dict[str, list[dict]] = {way: [] for way in ways}
    for turn in range(repeats):
        for way in ways:
            say(f"counting pairs of {lines:,} lines, support {min_support}: {way}, {turn + 1} of {repeats}")
            log = CACHE / "logs" / f"pairs-{way}.log"
            run = measured([sys.executable, program, way, str(items), str(min_support)], log)
            runs[way].append(run | json.loads(log.read_text().splitlines()[-1]))
    found = {way: {key: one[0][key] for key in ("pairs", "customers", "mixed")} for way, one in runs.items()}
    if any(other != found["ipre"] for other in found.values()):
        raise RuntimeError(f"the ways count different pairs: {found}")
    return {
        way: {
            "seconds": statistics.median(run["seconds"] for run in one),
            "peak_mb": max(run["peak_mb"] for run in one),
            "pairs": one[0]["pairs"],
        }
        for way, one in runs.items()
    }


def plain_pandas(lines: int, build_folder: Path, repeats: int) -> dict:
    """Time the founding description in pandas; raises when it finds other rules or lists than ipre's rules give."""
    folder = CACHE / "pandas" / str(lines)
    folder.mkdir(parents=True, exist_ok=True)
    clusters, lists = folder / "clusters.parquet", folder / "lists.parquet"
    with opened(build_folder / "ipre.duckdb") as connection:
        connection.execute(f"copy main.customer_clusters to '{clusters}' (format parquet)")
    program = str(Path(__file__).with_name("plain_pandas.py"))
    runs = []
    for turn in range(repeats):
        say(f"plain pandas on {lines:,} lines, {turn + 1} of {repeats}")
        log = CACHE / "logs" / "pandas.log"
        run = measured([sys.executable, program, str(data(lines)), str(clusters), str(lists)], log)
        runs.append(run | json.loads(log.read_text().splitlines()[-1]))
    with opened(build_folder / "ipre.duckdb") as connection:
        rules = connection.execute("select count(*) from main.associations").fetchall()[0][0]
        ours = (
            "select customer_id, recommended_product, triggered_by, round(score, 9) from main.final_recommendations "
            "where source = 'association'"
        )
        theirs = f"select customer_id, product_b, product_a, round(final, 9) from '{lists}'"
        different = rows_that_differ(connection, ours, theirs)
    if rules != runs[0]["rules"] or different:
        raise RuntimeError(f"pandas found {runs[0]['rules']} rules, ipre {rules}; {different} positions differ")
    return median_run(runs)


def median_run(runs: list[dict]) -> dict:
    """Return the run in the middle by wall time."""
    return sorted(runs, key=lambda run: run["wall"])[len(runs) // 2]


def rows_that_differ(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    """Return how many rows only one of two queries gives."""
    query = f"select count(*) from (({one} except all {other}) union all ({other} except all {one}))"
    return connection.execute(query).fetchall()[0][0]


def same_tables(one: Path, other: Path) -> list[str]:
    """Names of the published tables that differ between two builds. Those that name runs are left out."""
    different = []
    with opened() as connection:
        for file in sorted((one / "published").glob("*.parquet")):
            if file.stem in ("build_runs", "build_run_rows", "recommendation_changes", "shown_ledger", "adoptions"):
                continue
            a, b = f"from '{file}'", f"from '{other / 'published' / file.name}'"
            if rows_that_differ(connection, a, b):
                different.append(file.stem)
    return different


def start_up(repeats: int) -> dict:
    """Imports alone against a warm build of the demo data, in turns."""
    imports, builds = [], []
    code = "import dbt.cli.main, dbt.adapters.duckdb, pandas, sklearn.cluster, sklearn.metrics"
    for turn in range(repeats):
        say(f"demo data, {turn + 1} of {repeats}")
        imports.append(measured([str(RUN / "python"), "-c", code], CACHE / "logs" / "imports.log"))
        builds.append(build("demo", None))
    sql = pure_sql_seconds(CACHE / "builds" / "demo")
    return {"imports": statistics.median(one["wall"] for one in imports), "build": median_run(builds), "sql": sql}


def main() -> None:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser(description="Measure ipre; see the head of benchmarks/run.py.")
    parser.add_argument("--sizes", type=int, nargs="+", choices=SIZES, default=list(SIZES), help="invoice lines")
    parser.add_argument("--repeats", type=int, default=3, help="how often each comparison is run (default 3)")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="folders with data of your own to build, too")
    parser.add_argument(
        "--learned-only", action="store_true", help="measure the learned ranker, keep the other figures"
    )
    parser.add_argument("--report-only", action="store_true", help="write the report of the last run again")
    options = parser.parse_args()
    results_file = CACHE / "results.json"
    if options.learned_only:
        results = json.loads(results_file.read_text())
        results_file.write_text(json.dumps(results | {"learned": learned(max(options.sizes))}, indent=1))
    elif not options.report_only:
        results = measure(options.sizes, options.repeats, [folder.resolve() for folder in options.also])
        results_file.write_text(json.dumps(results, indent=1))
    write_report(json.loads(results_file.read_text()), DOCS)
    say("written: docs/benchmarks.md and docs/benchmarks.svg")


def measure(sizes: list[int], repeats: int, also: list[Path]) -> dict:
    """Measure everything, as one dictionary."""
    results: dict = {
        "machine": machine(),
        "when": time.strftime("%Y-%m-%d"),
        "versions": versions(),
        "repeats": repeats,
        "builds": {},
        "pairs": {},
        "pandas": {},
        "limited": {},
        "also": {},
    }
    results["demo"] = start_up(repeats)
    for lines in sizes:
        folder = data(lines)
        say(f"building {lines:,} lines")
        result = build(str(lines), folder)
        customers, products = SIZES[lines]
        results["builds"][str(lines)] = result | {"customers": customers, "products": products}
        ways = WAYS if lines <= 1_000_000 else WAYS_FOR_ALL_SIZES
        results["pairs"][str(lines)] = pair_counting(lines, Path(result["folder"]), ways, repeats)
        if lines == 1_000_000:
            results["pairs_low"] = pair_counting(lines, Path(result["folder"]), WAYS, repeats, LOW_SUPPORT)
        if lines <= 1_000_000:
            results["pandas"][str(lines)] = plain_pandas(lines, Path(result["folder"]), repeats)
    largest = max(sizes)
    for limit in LIMITS:
        say(f"building {largest:,} lines once more, with DuckDB held to {limit}")
        results["limited"][limit] = build("limited", data(largest), IPRE_MEMORY_LIMIT=limit) | {"lines": largest}
        different = same_tables(CACHE / "builds" / str(largest), CACHE / "builds" / "limited")
        if different:
            raise RuntimeError(f"with {limit} these tables came out differently: {different}")
    results["learned"] = learned(largest)
    for folder in also:
        say(f"building {folder.name}")
        result = build(folder.name, folder)
        with opened(Path(result["folder"]) / "ipre.duckdb") as connection:
            counts = connection.execute(
                "select (select count(*) from input.invoices), (select count(*) from main.associations)"
            ).fetchall()[0]
        results["also"][folder.name] = result | {"lines": counts[0], "rules": counts[1]}
    return results


def learned(lines: int) -> dict:
    """Measure a build with the learned ranker."""
    say(f"building {lines:,} lines with the learned ranker")
    return build("learned", data(lines), ranker="learned") | {"lines": lines, "when": time.strftime("%Y-%m-%d")}


def versions() -> dict[str, str]:
    """Package -> version, from both environments."""
    found = {}
    for python, packages in PACKAGES.items():
        code = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
        output = subprocess.run([str(python), "-c", code, *packages], check=True, capture_output=True, text=True).stdout
        found |= dict(zip(packages, output.split(), strict=True))
    return found


def machine() -> str:
    """Return the processor, its cores and the memory, as far as the system says."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = names[0] if names else name
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores ({name}), {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
