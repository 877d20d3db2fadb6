"""Spark on this machine as on many: a cluster of one master and some workers, or a Spark Connect server.

Each is a process of its own.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyspark
from dbt.adapters.sparksession.connections import warehouse_settings

SPARK_HOME = Path(pyspark.__file__).parent
HOST = "127.0.0.1"
STARTS_WITHIN = 60  # seconds


@dataclass
class Cluster:
    """A cluster that runs. master: its address; workers: the process of each, which has its executors as children."""

    folder: Path
    processes: list[subprocess.Popen] = field(default_factory=list)
    master: str = ""

    @property
    def workers(self) -> list[subprocess.Popen]:
        """The processes behind the master's."""
        return self.processes[1:]

    def start(self) -> None:
        """Start everything, and wait until both workers are known to the master. Raises TimeoutError."""
        self.master = self.process("Master", "--port", "0", says=r"Starting Spark master at (spark://\S+)")
        for number in range(2):
            limits = ("--cores", "1", "--memory", "2g", "--work-dir", str(self.folder / f"worker_{number}"))
            self.process("Worker", *limits, self.master, says=r"Successfully registered with master (\S+)")

    def process(self, role: str, *arguments: str, says: str) -> str:
        """Start the master or a worker, and give what it says in its log."""
        main = f"org.apache.spark.deploy.{role.lower()}.{role}"
        log = self.folder / f"{role.lower()}_{len(self.processes)}.log"
        self.processes.append(start(log, main, "--host", HOST, "--webui-port", "0", *arguments))
        return wait_for(log, says)


def start(log: Path, main: str, *arguments: str) -> subprocess.Popen:
    """Start one of Spark's programs."""
    own = {"SPARK_HOME": str(SPARK_HOME), "SPARK_LOCAL_IP": HOST, "PYSPARK_PYTHON": sys.executable}
    command = [str(SPARK_HOME / "bin" / "spark-class"), main, *arguments]
    with log.open("w") as output:
        # A group of processes each, so that a worker dies with its executors, as a machine does.
        return subprocess.Popen(
            command, env=os.environ | own, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )


def kill(process: subprocess.Popen) -> None:
    """End a process and its children at once, as when a machine loses its power."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(log: Path, pattern: str, seconds: float = STARTS_WITHIN) -> str:
    """Wait until a log says something; gives the first group. Raises TimeoutError with what it says instead."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        text = log.read_text(errors="replace") if log.exists() else ""
        if found := re.search(pattern, text):
            return found[1] if found.groups() else found[0]
        time.sleep(0.1)
    raise TimeoutError(f"{log} does not say {pattern!r} after {seconds} seconds, but: {text[-2000:]}")


@contextlib.contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Run a cluster of two workers for a while. folder: for logs and work."""
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        for process in cluster.processes[::-1]:
            kill(process)


@contextlib.contextmanager
def running_connect_server(folder: Path) -> Iterator[str]:
    """Run a Spark Connect server on two cores for a while; gives its address. folder: for its tables and its log."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": HOST,
        "spark.connect.grpc.binding.port": port,
        **warehouse_settings(folder),
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.shuffle.partitions": 4,
    }
    arguments = [text for name, value in settings.items() for text in ("--conf", f"{name}={value}")]
    server = start(
        folder / "server.log",
        "org.apache.spark.deploy.SparkSubmit",
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--master", "local[2]"),
        *arguments,
        "spark-internal",
    )
    try:
        wait_for(folder / "server.log", "Spark Connect server started")
        yield f"sc://{HOST}:{port}"
    finally:
        kill(server)
