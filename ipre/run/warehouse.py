"""The DuckDB file that a run builds in: open it, or say in one line why not."""

import contextlib
import difflib
import glob
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

# In DuckDB the file's name is the database's, and `build.x` would be the database's x as well as the schema's.
SCHEMAS = ("build", "demo", "helpers", "information_schema", "input", "main")
# Databases that are there beside the warehouse: DuckDB's own, and the file that publishing fills.
DATABASES = ("serving", "system", "temp")
# Behind the file's name: a folder for copies of input files that are in a store.
COPIES = ".input_"


# DuckDB's own limit is 80 % of the memory of the machine or container; ours is half of it. Python's memory, and what
# DuckDB uses beyond its limit, are extra (docs/benchmarks.md), and the machine has other work.
SHARE_OF_ITS_LIMIT = 0.5 / 0.8


class Refused(RuntimeError):
    """A request that cannot be met; the text is one line that says why and what to do."""


class Published(Refused):
    """The run is published, but a step after it failed. Only the command fails."""


def open_warehouse(path: str, database: str, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open the file for writing. database: what dbt calls the database in it.

    Raises Refused with one line when another process has it, when its folder is missing or cannot be
    written, when it is no DuckDB file that this version reads, or when its name cannot be used.
    """
    check_path(path, database)
    is_new = not Path(path).exists()
    try:
        if Path(path).parent == Path("warehouse"):  # The default. Another folder that is missing is a typing error.
            Path("warehouse").mkdir(exist_ok=True)
        connection = duckdb.connect(path, read_only=False, config=config)
    except (duckdb.Error, OSError) as error:
        raise Refused(f"ipre warehouse: {explain(error, path)} Nothing was changed.") from error
    ((name,),) = connection.execute("select current_database()").fetchall()
    if name != database:
        connection.close()
        if is_new:
            Path(path).unlink(missing_ok=True)
        raise Refused(
            f"ipre warehouse: DuckDB calls the database in {path} '{name}', but dbt calls it '{database}'. Set "
            "IPRE_WAREHOUSE to a file whose name has only letters, digits and underscores."
        )
    return connection


@contextlib.contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Do all or nothing."""
    cursor.execute("begin")
    try:
        yield
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def memory_limit() -> str:
    """Return how much memory DuckDB may use before it spills: IPRE_MEMORY_LIMIT, else half of what there is."""
    if given := os.environ.get("IPRE_MEMORY_LIMIT"):
        return given
    with duckdb.connect() as connection:
        [(own,)] = connection.execute("select current_setting('memory_limit')").fetchall()
    number, unit = own.split()
    return f"{float(number) * SHARE_OF_ITS_LIMIT:.1f} {unit}"


def check_path(path: str, database: str) -> None:
    """Raise Refused for a path or a name that dbt, DuckDB or ipre would misread."""
    if path == ":memory:":  # profiles.yml sets this for paths that dbt would refuse without a reason.
        path = os.environ.get("IPRE_WAREHOUSE", path)
    why = None
    if re.search(r"[?#\x00-\x1f]", path):
        why = "contains a ?, a # or a control character, which dbt cannot open; a symbolic link to its folder helps"
    elif re.match(r"[A-Za-z0-9+.-]*:", path):
        why = "is not a file on this machine: the path contains a colon"
    elif Path(path).is_dir():
        why = "is a folder"
    elif re.search(r"[\"'\\]", database):
        why = "has a quote or a backslash in its file name, which dbt does not accept"
    elif database.lower() in SCHEMAS:
        why = f"has the same name as the schema {database.lower()} in it"
    elif database.lower() in DATABASES:
        why = f"has the same name as DuckDB's own database {database.lower()}"
    if why:
        shown = path if path.isprintable() else repr(path)
        raise Refused(f"ipre warehouse: {shown} {why}. Set IPRE_WAREHOUSE to another file.")


def explain(error: Exception, path: str) -> str:
    """Say in one line why DuckDB did not open the file, and what to do."""
    text = str(error)
    holder = re.search(r"lock is held in (.+?) \(PID (\d+)\)", text)
    if "Could not set lock" in text:
        who = f"process {holder[2]} ({Path(holder[1]).name})" if holder else "another process"
        return (
            f"{path} is in use by {who}: another build, or a reader. Wait for it to end, or stop it. To read the "
            "lists, open ipre_serving.duckdb in the published folder (IPRE_PUBLISH_DIR) instead."
        )
    if not Path(path).parent.is_dir():
        return f"the folder {Path(path).parent} of IPRE_WAREHOUSE does not exist. Create it, or name another file."
    return first_line(error)


def first_line(error: BaseException) -> str:
    """Reduce an error to one line: DuckDB's messages continue with hints that do not concern a user of ipre.

    dbt's messages begin with a line that says where the error was.
    """
    text = re.sub(r"^\w+ Error( in .*)?\n", "", str(error).strip()) or type(error).__name__
    named = re.search(r'["\'](/[^"\']+)["\']', text)
    file = named[1] if named else "a file"
    if "No space left on device" in text:
        full = f"the disk is full: {file} cannot be written. Free some space and run again."
        return f"{full} {more_room()}" if "duckdb_temp_" in file else full
    if any(sign in text for sign in ("Permission denied", "Read-only file system", "Operation not permitted")):
        return f"{file} cannot be written. Grant this user write access to it and its folder."
    line = next(line.strip() for line in text.splitlines() if line.strip())
    return f"{line.rstrip('.')}. {more_room()}" if line.startswith("Out of Memory Error") else line


def more_room() -> str:
    """Name the two settings that help a build with too little memory or disk, and their values."""
    threads = os.environ.get("IPRE_THREADS", "4")
    return (
        f"Raise IPRE_MEMORY_LIMIT (now {memory_limit()}) if the machine has more memory, or lower IPRE_THREADS (now "
        f"{threads}) so that fewer models run at once."
    )


def remove_spilled_files(path: str) -> None:
    """Delete what an earlier process left beside the file when it was killed: spilled data, copies of a store's files.

    Call it only with the warehouse open, when its lock proves that the earlier process is gone.
    """
    for file in Path(f"{path}.tmp").glob("duckdb_temp_*"):
        file.unlink(missing_ok=True)
    for folder in Path(path).parent.glob(f"{glob.escape(Path(path).name)}{COPIES}*"):
        shutil.rmtree(folder, ignore_errors=True)


def described(cursor: duckdb.DuckDBPyConnection, relation: str, *values: str) -> list[tuple[str, str]]:
    """Return the columns of what DuckDB reads and their types. values: for each ? in the relation's SQL."""
    return [(name, kind) for name, kind, *_ in cursor.execute(f"describe from {relation}", values).fetchall()]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like this one."""
    [found] = difflib.get_close_matches(name, list(known), n=1, cutoff=0)
    return found


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Return a text as an SQL literal, where DuckDB takes no bound parameter."""
    return "'" + str(text).replace("'", "''") + "'"


def glob_escaped(path: Path) -> str:
    """Return a path for DuckDB's readers of files, which take some signs for a pattern."""
    return re.sub(r"[*?\[{]", r"[\g<0>]", str(path))
