"""The DuckDB file that a run builds in: opening it, and saying in one line why it cannot be opened."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb

# In DuckDB the file's name is the database's, and `build.x` would be the database's x as well as the schema's.
SCHEMAS = ("build", "demo", "helpers", "input", "main")


class Refused(RuntimeError):
    """What was asked cannot be done; the text is one line that says why and what to do."""


def open_warehouse(path: str, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open the file for writing.

    Raises Refused with one line when another process has it, when its folder is missing or cannot be
    written, when it is no DuckDB file that this version reads, or when its name is a schema's.
    """
    if Path(path).stem in SCHEMAS:
        raise Refused(
            f"ipre warehouse: {path} cannot be the file's name, because a schema in it is called {Path(path).stem}. "
            "Name another one in IPRE_WAREHOUSE."
        )
    try:
        return duckdb.connect(path, read_only=False, config=config)
    except (duckdb.Error, OSError) as error:
        raise Refused(f"ipre warehouse: {explain(error, path)} Nothing was changed.") from error


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
    """Reduce an error to one line: DuckDB's texts go on with hints that do not concern a user of ipre."""
    text = str(error) or type(error).__name__
    named = re.search(r'["\'](/[^"\']+)["\']', text)
    file = named[1] if named else "a file"
    if "No space left on device" in text:
        return f"the disk is full: {file} cannot be written. Free some space and run again."
    if any(sign in text for sign in ("Permission denied", "Read-only file system", "Operation not permitted")):
        return f"{file} cannot be written. Give this user the right to write it and its folder."
    return next(line.strip() for line in text.splitlines() if line.strip())


def remove_spilled_files(path: str) -> None:
    """Delete what an earlier process spilled to disk beside the file and could not clear because it was killed.

    Call it only with the warehouse open, when its lock proves that the earlier process is gone.
    """
    for file in Path(f"{path}.tmp").glob("duckdb_temp_*"):
        file.unlink(missing_ok=True)


def kind_of(cursor: duckdb.DuckDBPyConnection, schema: str, name: str) -> str | None:
    """Say whether a relation is a BASE TABLE or a VIEW; None when there is none."""
    rows = cursor.execute(
        "select table_type from information_schema.tables where table_catalog = current_database() "
        "and table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    return rows[0][0] if rows else None


def quoted(name: str) -> str:
    """Give a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Give a text as an SQL literal, where DuckDB takes no bound parameter."""
    return "'" + str(text).replace("'", "''") + "'"
