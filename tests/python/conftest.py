"""Builds of the project for the tests: in this process, in folders of their own, never in the user's warehouse."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from postgres_server import program, running_server

PROJECT = Path(__file__).resolve().parents[2]
DEMO = PROJECT / "seeds" / "demo"
# What somebody rated in this clone is no test's business.
os.environ["IPRE_RATINGS_URL"] = "none"
# Small segments still split into clusters with this.
SMALL = {"min_customers_per_cluster": 5}
PUBLIC_TABLES = {
    "market_basket": "customer_id, product_id",
    "market_basket_by_category": "customer_id, l2_category",
    "customer_clusters": "customer_id",
    "cluster_profiles": "segment, cluster_id",
    "associations": "segment, cluster_id, product_a, product_b",
    "recommendations": "customer_id, rank",
    "final_recommendations": "customer_id, rank",
    "recommendation_metrics": "metric",
}


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

    def rows(self, query: str, schema: str = "build") -> list[tuple]:
        """Rows of the tables as this command built them or, with `schema="main"`, as readers see them."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute(f"set schema = '{schema}'")
            return connection.execute(query).fetchall()

    def table(self, name: str) -> list[tuple]:
        return self.rows(f"select * from {name} order by {PUBLIC_TABLES[name]}")


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


# What `dbt parse` made of the project in this process. Packed, because a command writes into what it is given.
PARSED: dict[str, bytes] = {}
# A command with one of these wants more of the parser than the tables.
NEEDS_A_PARSE_OF_ITS_OWN = {
    "--write-json",
    "--profiles-dir",
    "--target",
    "--profile",
    "--vars",
    "IPRE_WAREHOUSE",
    "docs",
    "compile",
    "retry",
}


def parsed(options: list[str], variables: dict, instead: dict | None) -> Manifest | None:
    """The project as these variables and this environment make it. Parsed once: it takes longer than a small build.

    None when it cannot be parsed: then the command itself says why.
    """
    if instead is not None:
        variables, options = instead, [*options, "--vars", json.dumps(instead)]
    # Of a data folder only counts whether it is one (dbt_project.yml); other folders do not count.
    ours = {name: value for name, value in os.environ.items() if name.startswith(("IPRE_", "DBT_"))}
    is_demo = (variables.get("data_dir") or ours.get("IPRE_DATA_DIR", "")) in ("", "demo")
    folders = dict.fromkeys(("data_dir", "IPRE_DATA_DIR", "IPRE_WAREHOUSE", "IPRE_PUBLISH_DIR", "IPRE_RATINGS_URL"))
    key = json.dumps([is_demo, {**variables, **ours, **folders}], sort_keys=True)
    if key not in PARSED:
        result = dbtRunner().invoke(["parse", *options])
        if not result.success:
            return None
        PARSED[key] = result.result.to_msgpack()
    return Manifest.from_msgpack(PARSED[key])


def dbt(
    folder: Path,
    *arguments: str,
    data_dir: Path | None = None,
    variables: dict | None = None,
    project: Path = PROJECT,
    parsed_with: dict | None = None,
    **env,
) -> Build:
    """Run one dbt command in `folder`, which takes the warehouse, the published files, the artifacts and the logs.

    parsed_with: variables that the project is parsed with, where the command ends before the models' settings count.
    """
    folder.mkdir(parents=True, exist_ok=True)
    all_variables = dict(variables or {})
    if data_dir is not None:
        all_variables["data_dir"] = str(data_dir)
    messages: list[str] = []
    options = ["--project-dir", project, "--target-path", folder / "target", "--log-path", folder / "logs", "--quiet"]
    options += [] if "--profiles-dir" in arguments else ["--profiles-dir", project]
    options += [] if "--write-json" in arguments else ["--no-write-json"]
    if all_variables:
        options += ["--vars", json.dumps(all_variables)]
    warehouse = folder / "ipre.duckdb"
    settings = {"IPRE_WAREHOUSE": warehouse, "IPRE_PUBLISH_DIR": folder / "published", "IPRE_DATA_DIR": None, **env}
    with environment(**settings):
        # A warehouse of another name or place is another database to dbt.
        is_shared = project == PROJECT and not NEEDS_A_PARSE_OF_ITS_OWN & {*arguments, *env}
        manifest = parsed([str(part) for part in options], all_variables, parsed_with) if is_shared else None
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


@pytest.fixture(scope="session")
def demo_build(tmp_path_factory) -> Build:
    """The demo data, built and tested as `make build` does, and with the unit tests."""
    build = dbt(tmp_path_factory.mktemp("demo"), "build", "--selector", "everything", "--write-json")
    assert build.success, build.messages
    return build


@pytest.fixture(scope="session")
def small_data(tmp_path_factory) -> Path:
    """A small distributor as CSV files, with clusters, rules, ladder and feedback."""
    from generate_realistic_dataset import generate, write

    folder = tmp_path_factory.mktemp("small") / "csv"
    write(generate(customers=1200, products=2000, invoices=15000, seed=7), folder, "csv")
    return folder


@pytest.fixture(scope="session")
def small_build(tmp_path_factory, small_data) -> Build:
    """The small distributor, built without tests."""
    build = dbt(tmp_path_factory.mktemp("small_build"), "run", data_dir=small_data, variables=SMALL)
    assert build.success, build.messages
    return build


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that the tests of this process started."""
    pytest.importorskip("psycopg", reason="requirements/remote.txt is not installed")
    if not program("initdb"):
        pytest.skip("there is no PostgreSQL server on this machine")
    with running_server() as address:
        yield address


@pytest.fixture(scope="session")
def store() -> Iterator[dict[str, str]]:
    """A server that speaks S3, and the environment in which it is found. Its bucket is `exports`.

    One for a whole process: s3fs keeps its connections, so a second server at another port would not be found.
    """
    pytest.importorskip("moto", reason="requirements/dev.txt is not installed")
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "reader",
        "AWS_SECRET_ACCESS_KEY": "hush-hush",
    }
    with environment(**settings):
        s3fs.S3FileSystem().mkdir("exports")
    yield settings
    server.stop()
