"""A PostgreSQL server of the tests' own, where one is installed."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path


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
