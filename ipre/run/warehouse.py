"""The DuckDB file that a run builds in: opening it, and saying in one line why it cannot be opened."""

from __future__ import annotations

import difflib
import glob
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

# In DuckDB the file's name is the database's, and `build.x` would be the database's x as well as the schema's.
SCHEMAS = ("build", "demo", "helpers", "information_schema", "input", "main")
# Databases that are there beside the warehouse: DuckDB's own, and the file that publishing fills.
DATABASES = ("serving", "system", "temp")
# Behind the file's name: a folder for copies of input files that are in a store.
COPIES = ".input_"


# DuckDB's own limit is 80 % of what the machine, or the container, has; ours is half of what it has. What Python holds
# and what DuckDB takes beyond its limit come on top (docs/benchmarks.md), and the machine has other work.
SHARE_OF_ITS_LIMIT = 0.5 / 0.8


class Refused(RuntimeError):
    """What was asked cannot be done; the text is one line that says why and what to do."""


class Published(Refused):
    """The run is published, and something that follows from it failed. It fails the command alone."""


def open_warehouse(path: str, database: str, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open the file for writing. database: what dbt calls the database in it.

    Raises Refused with one line when another process has it, when its folder is missing or cannot be
    written, when it is no DuckDB file that this version reads, or when its name cannot be used.
    """
    check_path(path, database)
    is_new = not Path(path).exists()
    try:
        if Path(path).parent == Path("warehouse"):  # The default's. Any other that is missing is a slip in its name.
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
            f"ipre warehouse: DuckDB calls the database in {path} '{name}', dbt calls it '{database}'. Name a file "
            "of letters, digits and underscores in IPRE_WAREHOUSE."
        )
    return connection


def memory_limit() -> str:
    """Return how much DuckDB may hold in memory before it spills: IPRE_MEMORY_LIMIT, else half of what there is."""
    if given := os.environ.get("IPRE_MEMORY_LIMIT"):
        return given
    with duckdb.connect() as connection:
        [(own,)] = connection.execute("select current_setting('memory_limit')").fetchall()
    number, unit = own.split()
    return f"{float(number) * SHARE_OF_ITS_LIMIT:.1f} {unit}"


def check_path(path: str, database: str) -> None:
    """Raise Refused for a path or a name that dbt, DuckDB or ipre would take for something else."""
    if path == ":memory:":  # profiles.yml says so for what dbt would refuse without a reason.
        path = os.environ.get("IPRE_WAREHOUSE", path)
    why = None
    if re.search(r"[?#\x00-\x1f]", path):
        why = (
            "holds a ?, a # or a control character, with which dbt finds no database in it. Name another file, or a "
            "symbolic link to its folder,"
        )
    elif re.match(r"[A-Za-z0-9+.-]*:", path):
        why = "is no file on this machine: what stands before a colon is a kind of database. Name a file"
    elif Path(path).is_dir():
        why = "is a folder. Name a file"
    elif re.search(r"[\"'\\]", database):
        why = "holds a quote or a backslash in the file's name, which dbt does not take. Name another file"
    elif database.lower() in SCHEMAS:
        why = f"cannot be the file's name, because a schema in it is called {database.lower()}. Name another one"
    elif database.lower() in DATABASES:
        why = f"cannot be the file's name, because DuckDB has a database {database.lower()} beside it. Name another one"
    if why:
        raise Refused(f"ipre warehouse: {path if path.isprintable() else repr(path)} {why} in IPRE_WAREHOUSE.")


def explain(error: Exception, path: str) -> str:
    """Say in one line why DuckDB did not open the file, and what to do."""
    text = str(error)
    holder = re.search(r"lock is held in (.+?) \(PID (\d+)\)", text)
    if "Could not set lock" in text:
        who = f"process {holder[2]} ({Path(holder[1]).name})" if holder else "another process"
        return (
            f"{path} is open in {who}: a build that runs, or somebody who reads. Wait for it or stop it; readers "
            "belong on the published copies (IPRE_PUBLISH_DIR), which never stand in a build's way."
        )
    if not Path(path).parent.is_dir():
        return f"the folder {Path(path).parent} of IPRE_WAREHOUSE does not exist. Create it, or name another file."
    return first_line(error)


def first_line(error: BaseException) -> str:
    """Reduce an error to one line: DuckDB's texts go on with hints that do not concern a user of ipre.

    dbt's texts begin with a line of their own, which says in what the error was.
    """
    text = re.sub(r"^\w+ Error( in .*)?\n", "", str(error).strip()) or type(error).__name__
    named = re.search(r'["\'](/[^"\']+)["\']', text)
    file = named[1] if named else "a file"
    if "No space left on device" in text:
        full = f"the disk is full: {file} cannot be written. Free some space and run again."
        return f"{full} {more_room()}" if "duckdb_temp_" in file else full
    if any(sign in text for sign in ("Permission denied", "Read-only file system", "Operation not permitted")):
        return f"{file} cannot be written. Give this user the right to write it and its folder."
    line = next(line.strip() for line in text.splitlines() if line.strip())
    return f"{line.rstrip('.')}. {more_room()}" if line.startswith("Out of Memory Error") else line


def more_room() -> str:
    """Say which two settings let a build go on that has too little memory, or spills too much, and what they are."""
    threads = os.environ.get("IPRE_THREADS", "4")
    return (
        f"Raise IPRE_MEMORY_LIMIT (now {memory_limit()}) where the machine has more memory, or lower IPRE_THREADS (now "
        f"{threads}), so that fewer models share it."
    )


def remove_spilled_files(path: str) -> None:
    """Delete what an earlier process left beside the file because it was killed: what it spilled, copies of a store's.

    Call it only with the warehouse open, when its lock proves that the earlier process is gone.
    """
    for file in Path(f"{path}.tmp").glob("duckdb_temp_*"):
        file.unlink(missing_ok=True)
    for folder in Path(path).parent.glob(f"{glob.escape(Path(path).name)}{COPIES}*"):
        shutil.rmtree(folder, ignore_errors=True)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is written most like this one."""
    [found] = difflib.get_close_matches(name, list(known), n=1, cutoff=0)
    return found


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Return a text as an SQL literal, where DuckDB takes no bound parameter."""
    return "'" + str(text).replace("'", "''") + "'"


def glob_literal(path: Path) -> str:
    """Return a path as an SQL literal for DuckDB's readers of files, which take some signs for a pattern."""
    return literal(re.sub(r"[*?\[{]", r"[\g<0>]", str(path)))
