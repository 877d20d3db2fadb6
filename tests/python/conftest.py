"""What tests share: builds (builds.py), a PostgreSQL server, and a server that speaks S3."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from builds import DEMO, EVERYTHING, PROJECT, PUBLIC_TABLES, SMALL, Build, built, dbt, environment, shared
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager
from tiny_runs import TinyRuns

__all__ = ["DEMO", "EVERYTHING", "PROJECT", "PUBLIC_TABLES", "SMALL", "Build", "built", "dbt", "environment"]


# Files that build most, the longest first: whoever takes the last file keeps the others waiting as long as it takes.
LONG = ["impact", "publishing", "backtest", "input_corpus", "inputs", "independent_recomputation", "unit_tests"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long files first."""
    long = {f"test_{name}": -len(LONG) + number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: long.get(item.path.stem, 0))


@pytest.fixture(scope="session")
def demo_build() -> Build:
    """The demo data, built and tested as `make build` does."""
    return shared("demo")[0]


@pytest.fixture(scope="session")
def small_build() -> Build:
    """A small distributor with clusters, rules, all comparison groups and feedback, built without tests."""
    return shared("small")[0]


@pytest.fixture(scope="session")
def everything_build() -> Build:
    """A distributor of 80 customers, built with every switch on and with the unit tests."""
    return shared("everything")[0]


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Iterator[TinyRuns]:
    """A tiny warehouse in which nothing was built yet."""
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "published"))
    monkeypatch.delenv("IPRE_DATA_DIR", raising=False)
    runs = TinyRuns(tmp_path)
    yield runs
    runs.close()


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What dbt prints meanwhile."""
    lines: list[str] = []
    listen = lambda event: lines.append(event.info.msg)  # noqa: E731
    add_callback_to_manager(listen)
    yield lines
    get_event_manager().callbacks.remove(listen)


@cache
def program(name: str) -> str | None:
    """Find a program of PostgreSQL's server."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(places[0]) if places else None)


@contextlib.contextmanager
def running_server() -> Iterator[str]:
    """Start a server that listens on a socket of its own, and give its address."""
    # The server refuses to run as root.
    user = {"user": "nobody"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="ipre-postgres-"))
    if user:
        shutil.chown(folder, "nobody")
    data, quiet = folder / "data", {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [program("initdb"), "-D", data, "-A", "trust", "-U", "ipre", "-E", "UTF8", "--no-sync"],
        check=True,
        **user,
        **quiet,
    )
    control = [program("pg_ctl"), "-D", data, "-w"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], check=True, **user, **quiet)
    yield f"postgresql:///postgres?host={folder}&user=ipre"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, **user, **quiet)
    shutil.rmtree(folder)


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
