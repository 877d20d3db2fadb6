"""Builds of the project for the tests: in folders of their own, never in the user's warehouse.

`dbt` runs one command in this process. `shared` gives one of three builds that all processes of a test run share, and
the next run, too, when no file has changed. `python tests/python/builds.py demo` makes one and prints its folder.
"""

import contextlib
import fcntl
import functools
import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[2]
DEMO = PROJECT / "seeds" / "demo"
# What somebody rated in this clone is no test's business.
os.environ["IPRE_RATINGS_URL"] = "none"
# Small segments still split into clusters with this, and a hold-out has tables of its own.
SMALL = {"min_customers_per_cluster": 5, "holdout_share": 0.1}
# Switches that add models: the learned ranker, a back-test, held-out customers; and some that change how others work.
EVERYTHING = {
    "ranker": "learned", "as_of_date": "2025-06-01", "holdout_share": 0.3, "max_per_l3_category": 2,
    "clustering_transform": "raw", "max_clusters_per_segment": 10, "min_customers_per_cluster": 8,
    "never_recommend": ["P04", "P\u200b49", "P99"], "min_rule_customers": 2,
}  # fmt: skip
PUBLIC_TABLES = (
    "market_basket", "market_basket_by_category", "customer_clusters", "cluster_profiles", "associations",
    "recommendations", "final_recommendations", "recommendation_metrics",
)  # fmt: skip


@dataclass
class Build:
    """One finished dbt command: whether it went well, what it said, and the warehouse it left."""

    success: bool
    messages: str
    warehouse: Path
    data_dir: Path
    statuses: dict

    @property
    def published(self) -> Path:
        """The folder for published files."""
        return self.warehouse.parent / "published"

    @property
    def manifest(self) -> dict:
        """What dbt knew of the project, where the command wrote it."""
        return json.loads((self.warehouse.parent / "target" / "manifest.json").read_text())

    def rows(self, query: str, schema: str = "build") -> list[tuple]:
        """Rows of the tables as this command built them or, with `schema="main"`, as readers see them."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute(f"set schema = '{schema}'")
            return connection.execute(query).fetchall()

    def served(self, query: str) -> list[tuple]:
        """Rows of the serving file that is published beside the warehouse, of a copy, too."""
        with duckdb.connect(str(self.published / "ipre_serving.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def table(self, name: str) -> list[tuple]:
        return self.rows(f"select * from {name} order by all")

    def copy(self, folder: Path) -> "Build":
        """A copy of data, warehouse and published files, to be changed or built again."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.warehouse, folder)
        if self.published.is_dir():
            shutil.copytree(self.published, folder / "published", symlinks=True)
        data = self.data_dir
        if data != DEMO:
            data = shutil.copytree(data, folder / "data")
        return replace(self, warehouse=folder / self.warehouse.name, data_dir=data)


@contextlib.contextmanager
def environment(**variables):
    """Set environment variables for the time of a build; None unsets."""
    before = {name: os.environ.get(name) for name in variables}
    try:
        for name, value in variables.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: str(value)})
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


# A command with one of these wants more of the parser than the tables.
NEEDS_A_PARSE_OF_ITS_OWN = {
    "--write-json", "--profiles-dir", "--target", "--profile", "--vars", "IPRE_WAREHOUSE", "docs", "compile", "retry",
}  # fmt: skip


def parsed(options: list[str], variables: dict) -> Manifest | None:
    """The project as these variables and this environment make it. None when it cannot be parsed: the command says why.

    Parsed once for all processes, because it takes longer than a small build. It comes from a file each time, because a
    command writes into what it is given.
    """
    # Of a data folder only counts whether it is one (dbt_project.yml); other folders and threads do not count.
    ours = {name: value for name, value in os.environ.items() if name.startswith(("IPRE_", "DBT_"))}
    is_demo = (variables.get("data_dir") or ours.get("IPRE_DATA_DIR", "")) in ("", "demo")
    folders = ("data_dir", "IPRE_DATA_DIR", "IPRE_WAREHOUSE", "IPRE_PUBLISH_DIR", "IPRE_PUBLISH_TO", "IPRE_RATINGS_URL")
    same = dict.fromkeys((*folders, "IPRE_THREADS", "IPRE_DUCKDB_THREADS"))
    key = json.dumps([is_demo, {**variables, **ours, **same}], sort_keys=True)
    file = shared_folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.parsed"
    if not file.exists():
        result = dbtRunner().invoke(["parse", *options])
        if not result.success:
            return None
        aside = file.with_suffix(f".{os.getpid()}")
        aside.write_bytes(result.result.to_msgpack())
        aside.rename(file)
    return Manifest.from_msgpack(file.read_bytes())


def dbt(folder: Path, *arguments: str, data_dir: Path | None = None, variables: dict | None = None, **env) -> Build:
    """Run one dbt command in `folder`, which takes the warehouse, the published files, the artifacts and the logs."""
    folder.mkdir(parents=True, exist_ok=True)
    all_variables = dict(variables or {})
    if data_dir is not None:
        all_variables["data_dir"] = str(data_dir)
    messages: list[str] = []
    options = ["--project-dir", PROJECT, "--target-path", folder / "target", "--log-path", folder / "logs", "--quiet"]
    options += [] if "--profiles-dir" in arguments else ["--profiles-dir", PROJECT]
    options += [] if "--write-json" in arguments else ["--no-write-json"]
    if all_variables:
        options += ["--vars", json.dumps(all_variables)]
    warehouse = folder / "ipre.duckdb"
    settings = {"IPRE_WAREHOUSE": warehouse, "IPRE_PUBLISH_DIR": folder / "published", "IPRE_DATA_DIR": None, **env}
    with environment(**settings):
        # A warehouse of another name or place is another database to dbt.
        is_shared = not NEEDS_A_PARSE_OF_ITS_OWN & {*arguments, *env}
        manifest = parsed([str(part) for part in options], all_variables) if is_shared else None
        runner = dbtRunner(manifest, callbacks=[lambda event: messages.append(event.info.msg)])
        result = runner.invoke([str(part) for part in (*arguments, *options)])
        # dbt keeps the file open for the rest of the process, which would keep every reader out.
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager._ENV = None
    results = getattr(result.result, "results", None) or []
    statuses = {run.node.name: str(run.status) for run in results if hasattr(run, "node")}
    if result.exception is not None:
        messages.append(str(result.exception))
    return Build(result.success, "\n".join(messages), warehouse, data_dir or DEMO, statuses)


def built(folder: Path, *arguments: str, **settings) -> Build:
    """Run a dbt command that must go well."""
    build = dbt(folder, *arguments, **settings)
    assert build.success, build.messages
    return build


# --- Builds that all tests share ---------------------------------------------------------------------------------

# What a build is made of. One of yesterday is not taken, because ratings count up to the day of the run.
MADE_OF = (
    *("*.yml", "models/**/*", "macros/**/*", "python_models/**/*", "seeds/**/*", "tests/data/*", "tests/generic/*"),
    *("ipre/frames.py", "ipre/run/*", "ipre/ranker/*", "ipre/ratings/*"),
    *(f"tests/python/{name}.py" for name in ("builds", "impact_world", "input_files")),
)
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "scikit-learn")
VERSIONS_KEPT = 4


def shared(name: str) -> list[Build]:
    """The builds under a name: made by whoever asks first, and only read. `Build.copy` is for those who write."""
    folder = shared_folder() / name
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record = folder / "builds.json"
        if not record.exists():
            shutil.rmtree(folder, ignore_errors=True)
            builds = MAKERS[name](folder)
            record.write_text(json.dumps([asdict(build) for build in builds], default=str))
        found = json.loads(record.read_text())
    return [Build(**{**build, **{key: Path(build[key]) for key in ("warehouse", "data_dir")}}) for build in found]


@functools.cache
def shared_folder() -> Path:
    """The folder for what is made of the project as it stands; those of a few versions before are kept."""
    digest = hashlib.sha256(f"{sys.version} {datetime.now(UTC).date()}".encode())
    for package in PACKAGES:
        digest.update(importlib.metadata.version(package).encode())
    files = {file for pattern in MADE_OF for file in PROJECT.glob(pattern) if file.is_file()}
    for file in sorted(file for file in files if file.suffix != ".pyc"):
        digest.update(f"{file.relative_to(PROJECT)} {hashlib.sha256(file.read_bytes()).hexdigest()}".encode())
    folder = PROJECT / "target" / "test-builds" / digest.hexdigest()[:16]
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        versions = sorted(folder.parent.iterdir(), key=lambda version: version.stat().st_mtime, reverse=True)
        for version in versions[VERSIONS_KEPT:]:
            shutil.rmtree(version, ignore_errors=True)
    return folder


def demo(folder: Path) -> list[Build]:
    """The demo data, built and tested as `make build` does."""
    return [built(folder, "build", "--write-json")]


def small(folder: Path) -> list[Build]:
    """A small distributor with clusters, rules, all comparison groups and feedback, built without tests."""
    from generate_realistic_dataset import generate, write

    write(generate(customers=1200, products=2000, invoices=15000, seed=7), folder / "data", "csv")
    return [built(folder, "run", "--write-json", data_dir=folder / "data", variables=SMALL)]


def everything(folder: Path) -> list[Build]:
    """A distributor of 80 customers, built with every switch on and with the unit tests, without those of data."""
    from impact_world import background, write

    data = write(folder / "data", background(), [])
    kinds = ("--resource-type", "model", "--resource-type", "unit_test", "--write-json")
    return [built(folder, "build", "--selector", "everything", *kinds, data_dir=data, variables=EVERYTHING)]


MAKERS: dict[str, Callable[[Path], list[Build]]] = {made.__name__: made for made in (demo, small, everything)}

if __name__ == "__main__":
    sys.path += [str(PROJECT), str(PROJECT / "seeds")]
    with contextlib.redirect_stdout(sys.stderr):
        given = shared(sys.argv[1])
    print(given[0].warehouse.parent)
