"""What a build costs, and how fast ipre counts pairs beside other tools. `make bench` runs it.

Makes the data once (benchmarks/.cache, outside git), builds each size, counts pairs in eight ways on the same items,
and writes docs/benchmarks.md. Ways are measured in turns, each in a process of its own; seconds are of the machine that
the page names. Takes most of an hour, and ten minutes more for the data the first time. `--sizes 50000` is a try of two
minutes, and writes the page all the same.
"""

import argparse
import contextlib
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
from report import NAMES, report

sys.path.append(str(Path(__file__).resolve().parents[1]))
from ipre.own_build import PROJECT, environment

CACHE = Path(__file__).resolve().parent / ".cache"
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
WAYS = list(NAMES)
# The project's defaults, and a support where there is five times as much to count.
DEFAULT_SUPPORT, MIN_CUSTOMERS, LOW_SUPPORT = 0.05, 3, 0.01
# Beyond a million lines only those that end within a minute.
WAYS_FOR_ALL_SIZES = WAYS[:4]
PACKAGES = {
    RUN / "python": ["dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "scikit-learn"],
    Path(sys.executable): ["scipy", "pyfim", "polars", "rusket", "efficient-apriori", "mlxtend"],
}
# These name runs, so they differ from one build of the same data to the next.
ABOUT_RUNS = ("build_runs", "build_run_rows", "recommendation_changes", "shown_ledger", "adoptions")


def say(text: str) -> None:
    """Print progress."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def measured(command: list[str], log: Path, **env: str) -> dict[str, float]:
    """Run a command. Returns wall and cpu in seconds, peak_mb of memory, and spilled_mb, all of this process alone.

    spilled_mb: the most that DuckDB put beside the warehouse. Raises RuntimeError when the command fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(f"{env.get('IPRE_WAREHOUSE')}.tmp")
    peak_kb = spilled = ended = 0
    with log.open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=PROJECT, env={**os.environ, **env}
        )
        while not ended:
            time.sleep(0.05)
            # What the system says of an ended process includes the memory of the one that started it.
            peak_kb = max(peak_kb, high_water_kb(process.pid))
            with contextlib.suppress(FileNotFoundError):  # DuckDB deletes them meanwhile.
                spilled = max(spilled, sum(file.stat().st_size for file in beside.glob("*")))
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed. Its output is in {log}")
    memory = (peak_kb or usage.ru_maxrss) / 1024
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_mb": memory, "spilled_mb": spilled / 2**20}


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


def build(name: str, lines: int, limit: str = "", ranker: str = "formula") -> dict:
    """Run a full `dbt build` into a new warehouse, dbt's parse of the project being warm, as it is for a second run.

    It is what `make build` runs: the project's profile, four models beside each other. limit: of DuckDB's memory; half
    of the machine's when empty.
    """
    say(f"building {lines:,} lines, {name}")
    options = ["--vars", json.dumps({"ranker": ranker})]
    folder = CACHE / "builds" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = environment(folder, IPRE_DATA_DIR=str(data(lines)), IPRE_RATINGS_URL="none")
    if limit:
        settings["IPRE_MEMORY_LIMIT"] = limit
    measured([str(RUN / "dbt"), "parse", *options], folder / "parse.log", **settings)
    cost = measured([str(RUN / "dbt"), "build", *options], folder / "build.log", **settings)
    customers, products = SIZES[lines]
    return cost | {"folder": str(folder), "lines": lines, "limit": limit, "customers": customers, "products": products}


def model_seconds(folder: Path) -> dict[str, float]:
    """Return how long each model of a build took, by dbt's account."""
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    names = {one["unique_id"]: one["execution_time"] for one in results if one["unique_id"].startswith("model.")}
    return {name.split(".")[2]: seconds for name, seconds in names.items()}


def pair_counting(
    lines: int, build_folder: Path, ways: list[str], repeats: int, min_support: float = DEFAULT_SUPPORT
) -> dict:
    """Time all ways on the items of this build, in turns. Raises when two of them count differently."""
    folder = CACHE / "pairs" / f"{lines}-{min_support}"
    folder.mkdir(parents=True, exist_ok=True)
    items = folder / "items.parquet"
    with duckdb.connect(str(build_folder / "ipre.duckdb"), read_only=True) as connection:
        connection.execute(
            "copy (select cluster_number, cluster_size, customer_number, product_number, "
            # Customers that make a pattern (macros/associations.sql).
            f"greatest({MIN_CUSTOMERS}, cast(ceil(round({min_support} * cluster_size, 9)) as bigint)) as minimum "
            "from build.market_basket join build.customer_clusters using (customer_number)) "
            f"to '{items}' (format parquet)"
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
            run = measured([sys.executable, program, way, str(items)], log)
            runs[way].append(run | json.loads(log.read_text().splitlines()[-1]))
    found = {way: {key: one[0][key] for key in ("pairs", "customers", "mixed")} for way, one in runs.items()}
    if any(other != found["ipre"] for other in found.values()):
        raise RuntimeError(f"the ways count different pairs: {found}")
    counted = {
        way: {
            "seconds": statistics.median(run["seconds"] for run in one),
            "peak_mb": max(run["peak_mb"] for run in one),
            "pairs": one[0]["pairs"],
        }
        for way, one in runs.items()
    }
    words = "" if min_support == DEFAULT_SUPPORT else f", support {min_support}"
    return {"lines": lines, "words": words, "ways": counted}


def different_tables(one: Path, other: Path) -> list[str]:
    """Return the names of the published tables that differ between two builds."""
    different = []
    with duckdb.connect() as connection:
        for file in sorted((one / "published").glob("*.parquet")):
            a, b = f"from '{file}'", f"from '{other / 'published' / file.name}'"
            query = f"select count(*) from (({a} except all {b}) union all ({b} except all {a}))"
            if file.stem not in ABOUT_RUNS and connection.execute(query).fetchall() != [(0,)]:
                different.append(file.stem)
    return different


def measure(sizes: list[int], repeats: int) -> dict:
    """Measure everything, as one dictionary."""
    builds, pairs = [], []
    for lines in sizes:
        builds.append(build(str(lines), lines))
        folder = Path(builds[-1]["folder"])
        pairs.append(pair_counting(lines, folder, WAYS if lines <= 1_000_000 else WAYS_FOR_ALL_SIZES, repeats))
        if lines == 1_000_000:
            pairs.append(pair_counting(lines, folder, WAYS, repeats, LOW_SUPPORT))
    largest = max(sizes)
    for limit in LIMITS:
        builds.append(build("limited", largest, limit))
        if different := different_tables(CACHE / "builds" / str(largest), CACHE / "builds" / "limited"):
            raise RuntimeError(f"with {limit} these tables came out differently: {different}")
    return {
        "machine": machine(),
        "when": time.strftime("%Y-%m-%d"),
        "versions": versions(),
        "repeats": repeats,
        "builds": builds,
        "pairs": pairs,
        "learned": learned(largest),
    }


def learned(lines: int) -> dict:
    """Measure a build with the learned ranker, and the models that the formula does without."""
    cost = build("learned", lines, ranker="learned")
    formula = model_seconds(CACHE / "builds" / str(lines))
    models = {name: seconds for name, seconds in model_seconds(Path(cost["folder"])).items() if name not in formula}
    return cost | {"models": models, "when": time.strftime("%Y-%m-%d")}


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


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description="Measure ipre; see the head of benchmarks/run.py.")
    parser.add_argument("--sizes", type=int, nargs="+", choices=SIZES, default=list(SIZES), help="invoice lines")
    parser.add_argument("--repeats", type=int, default=3, help="how often pairs are counted in each way (default 3)")
    parser.add_argument(
        "--learned-only", action="store_true", help="measure the learned ranker, keep the other figures"
    )
    options = parser.parse_args()
    file = CACHE / "results.json"
    if options.learned_only:
        results = json.loads(file.read_text()) | {"learned": learned(max(options.sizes))}
    else:
        results = measure(options.sizes, options.repeats)
    file.write_text(json.dumps(results, indent=1))
    (PROJECT / "docs" / "benchmarks.md").write_text(report(results), encoding="utf-8")
    say("written: docs/benchmarks.md")


if __name__ == "__main__":
    main()
