"""One Spark session for all of dbt's connections: made when the first one opens, and left open."""

import importlib
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.exceptions import FailedToConnectError
from dbt.adapters.spark.connections import SparkConnectionManager, SparkConnectionMethod, SparkCredentials
from dbt.adapters.spark.session import Cursor, SessionConnectionWrapper
from dbt_common.exceptions import DbtDatabaseError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

OLDEST_JAVA = 17
# What the answers rest on: a wrong cast is an error and not a null, and a time is the same on every machine.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Before version 4 a table without a named format is Hive's, of text.
    "spark.sql.legacy.createHiveTableByDefault": "false",
}
# Of a session on this machine.
LOCAL_SETTINGS = {"spark.sql.shuffle.partitions": "4", "spark.ui.enabled": "false", "spark.driver.memory": "3g"}


@dataclass
class SessionCredentials(SparkCredentials):
    """An output of the profile.

    master: where Spark runs (`local[2]`, `spark://host:7077`, `yarn`) or, as sc://host:15002, a Spark Connect server.
    settings: of Spark's, for the session. warehouse: the folder for tables and a metastore of its own; empty: those of
    the cluster, as always of a Spark Connect server. schema_prefix: for a project that begins the names of its schemas
    with it (`target.schema_prefix`). plugin: a Python module, of which `adapter.call_plugin` calls the class Plugin; if
    it has a function `prepare`, that gets every new session. module_paths: folders that the module may lie in.
    """

    method: SparkConnectionMethod = SparkConnectionMethod.SESSION
    host: str = "session"
    master: str = "local[*]"
    settings: dict[str, Any] = field(default_factory=dict)
    warehouse: str = ""
    schema_prefix: str = ""
    plugin: str = ""
    module_paths: list[str] = field(default_factory=list)

    @property
    def type(self) -> str:
        """Name the adapter."""
        return "sparksession"

    @property
    def unique_field(self) -> str:
        """Return the field by which dbt counts installations."""
        return self.master

    def _connection_keys(self) -> tuple[str, ...]:
        return ("master", "schema", "schema_prefix")

    @property
    def is_remote(self) -> bool:
        """Whether a Spark Connect server runs the session."""
        return self.master.startswith("sc://")

    @property
    def plugin_module(self) -> ModuleType | None:
        """Return the plugin's module, None when the profile names none, and let Python find what lies beside it."""
        for path in self.module_paths:
            if Path(path).is_dir() and path not in sys.path:
                sys.path.append(path)
        return importlib.import_module(self.plugin) if self.plugin else None


class OneSession:
    """The session, made once: dbt's threads share it."""

    lock = threading.Lock()
    session: SparkSession | None = None

    @classmethod
    def of(cls, credentials: SessionCredentials) -> SparkSession:
        """Return the session. Raises FailedToConnectError with one line when it cannot be made."""
        with cls.lock:
            if cls.session is None:
                cls.session = new_session(credentials)
                prepare = getattr(credentials.plugin_module, "prepare", None)
                if prepare:
                    prepare(cls.session)
            return cls.session


def new_session(credentials: SessionCredentials) -> SparkSession:
    """Make a session. Workers run the Python that runs here."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # dbt reports a query that failed.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.appName("dbt").config("spark.ui.showConsoleProgress", "false")
    if credentials.is_remote:
        builder = builder.remote(credentials.master)
    else:
        check_java()
        builder = builder.master(credentials.master).enableHiveSupport()
    for name, value in settings_of(credentials).items():
        builder = builder.config(name, str(value))
    try:
        session = builder.getOrCreate()
        if not credentials.is_remote:
            session.sparkContext.setLogLevel("ERROR")
        for name, value in SETTINGS.items():  # A session that was there before, or a server's, has its own.
            session.conf.set(name, value)
    except Exception as error:
        raise FailedToConnectError(f"Spark at {credentials.master} cannot be reached: {first_line(error)}") from error
    return session


def settings_of(credentials: SessionCredentials) -> dict[str, Any]:
    """Return the settings of a new session; the profile's win, but for those that answers rest on."""
    settings: dict[str, Any] = {}
    if credentials.master.startswith("local"):
        settings |= LOCAL_SETTINGS
    if credentials.warehouse and not credentials.is_remote:
        settings |= warehouse_settings(Path(credentials.warehouse).absolute())
    return settings | credentials.settings | SETTINGS


def warehouse_settings(folder: Path) -> dict[str, str]:
    """Return the settings for tables and a metastore in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/metastore;create=true",
        "spark.driver.extraJavaOptions": f"-Dderby.stream.error.file={folder}/derby.log",
    }


def check_java() -> None:
    """Raise FailedToConnectError where there is no Java that Spark runs on."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    needed = f"Spark needs Java {OLDEST_JAVA} or newer (on Debian: the package openjdk-17-jre-headless)"
    try:
        told = subprocess.run([java or "java", "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        where = f"JAVA_HOME is {home}, but it contains no java" if home else "there is no java on the PATH"
        raise FailedToConnectError(f"{needed}; {where}.") from None
    version = re.search(r'version "(\d+)', told)
    if version and int(version[1]) < OLDEST_JAVA:
        raise FailedToConnectError(f"{needed}; {java} is Java {version[1]}.")


def first_line(error: BaseException) -> str:
    """Reduce an error to one line."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


class SessionCursor(Cursor):
    """dbt-spark's cursor on the one session."""

    def __init__(self, session: SparkSession) -> None:
        """session: where statements run."""
        super().__init__()
        self.session = session

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run one statement."""
        try:
            self._df = self.session.sql(sql % parameters if parameters else sql)
        except PySparkException as error:
            raise DbtDatabaseError(without_plan(str(error))) from error

    def fetchall(self) -> list[Any] | None:
        """Fetch what is left. Errors show here, too: Spark runs a query when its rows are asked for."""
        try:
            return super().fetchall()
        except PySparkException as error:
            raise DbtDatabaseError(without_plan(str(error))) from error


def without_plan(text: str) -> str:
    """Return an error's text without the query plan and the stack behind it."""
    return re.split(r"\n'?[A-Z]\w+ .*\n[:+]- |;\n'|\n\nJVM stacktrace|\n\tat ", text)[0].strip()


class SessionHandle:
    """What dbt takes for a connection."""

    def __init__(self, session: SparkSession) -> None:
        """session: where its cursors run statements."""
        self.session = session

    def cursor(self) -> SessionCursor:
        """Return a new cursor."""
        return SessionCursor(self.session)


class SparkSessionConnectionManager(SparkConnectionManager):
    """dbt-spark's, with connections that share the session."""

    TYPE = "sparksession"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection: set its handle."""
        if connection.state != ConnectionState.OPEN:
            connection.handle = SessionConnectionWrapper(SessionHandle(OneSession.of(connection.credentials)))
            connection.state = ConnectionState.OPEN
        return connection
