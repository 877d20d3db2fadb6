"""The door for files: CSV and Parquet, found in a folder or an object store and read as they stand, or refused.

A CSV line that has too few or too many values is kept as it stands in `input.unreadable_lines`, from where it goes to
rejected_rows.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import duckdb

from .input_tables import InputTable, Source, check_columns, texts_of
from .stores import check_address, connected, is_address, is_web, what_happened
from .warehouse import Refused, first_line, literal, quoted

SUFFIXES = (".csv", ".parquet")
# DuckDB's kinds of CSV errors that concern one line and no other: the rows around it are whole.
LINE_FAULTS = {
    "MISSING COLUMNS": "the line has fewer values than the header",
    "TOO MANY COLUMNS": "the line has more values than the header",
}
# The others leave open where a row ends, or how the whole file is to be read.
FILE_FAULTS = {
    "UNQUOTED VALUE": "a quoted value is not closed, or holds a quote that is not doubled",
    "INVALID ENCODING": "it is not UTF-8. Export the file as UTF-8",
    "LINE SIZE OVER MAXIMUM": "the line is longer than 2 MB; is a quote never closed?",
}
PARQUET = "read_parquet(?, binary_as_string = true)"
HEADER_BYTES = 1 << 20
# A value over more lines than this is the rest of the file behind a quote that is never closed, and not a value.
MOST_LINE_BREAKS = 20


@dataclass(frozen=True)
class Folder:
    """A folder or an address, and the names of the files there. open: what opens one of them to read its bytes."""

    name: str
    files: list[str]
    open: Callable[[str], IO[bytes]]

    def file(self, name: str) -> str:
        """Give the path or address of one of its files."""
        return f"{self.name.rstrip('/')}/{name}"


@dataclass(frozen=True)
class File:
    """A file to be read, by its path or address."""

    path: str
    open: Callable[[str], IO[bytes]]

    @property
    def source(self) -> Source:
        """What messages call it."""
        return Source("file", self.path)

    def found(self, cursor: duckdb.DuckDBPyConnection) -> list[str]:
        """List its columns."""
        return csv_header(self) if self.path.endswith(".csv") else list(parquet_types(cursor, self))

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable) -> None:
        """Read it into `input.<table>`."""
        (read_csv if self.path.endswith(".csv") else read_parquet)(cursor, self, table)


@contextlib.contextmanager
def folder_of(cursor: duckdb.DuckDBPyConnection, data_dir: str, tables: list[str]) -> Iterator[Folder | None]:
    """Look into the folder or the object store that data_dir names; None where no table is a file.

    While it is open, DuckDB reads files of the store through fsspec.
    """
    if not data_dir or not tables:
        yield None
    elif not is_address(data_dir):
        yield local_folder(Path(data_dir))
    else:
        check_address(data_dir, "data_dir (or IPRE_DATA_DIR)")
        address = data_dir.rstrip("/")
        try:
            store, root = connected(address)
            files = files_in(store, root, tables)
        except Refused:
            raise
        except Exception as error:  # Every store's library has errors of its own.
            raise unreadable_folder(address, what_happened(error)) from error
        before = cursor.list_filesystems()
        cursor.register_filesystem(store)
        try:
            yield Folder(store.unstrip_protocol(root), files, store.open)
        finally:
            for name in set(cursor.list_filesystems()) - set(before):
                cursor.unregister_filesystem(name)


def files_in(store: Any, root: str, tables: list[str]) -> list[str]:
    """List the files of a folder in a store; of a web server, which lists none, those of the tables."""
    if not is_web(store):
        return sorted(
            entry["name"].rpartition("/")[2] for entry in store.ls(root, detail=True) if entry["type"] == "file"
        )
    # DuckDB asks for it before it takes a file from its cache, and the web's does not say.
    store.modified = lambda _: datetime.now(UTC)
    found = []
    for name in [table + suffix for table in tables for suffix in SUFFIXES]:
        # Opened as a stream of some size it is asked for itself, and a server that is not there is no missing file.
        with contextlib.suppress(FileNotFoundError), store.open(f"{root}/{name}", block_size=0, size=1):
            found.append(name)
    return sorted(found)


def local_folder(path: Path) -> Folder:
    """Look into a folder of this machine."""
    try:
        files = sorted(file.name for file in path.iterdir() if file.is_file())
    except OSError as error:
        raise unreadable_folder(str(path), str(error.strerror)) from error
    return Folder(str(path), files, lambda file: Path(file).open("rb"))


def unreadable_folder(name: str, why: str) -> Refused:
    """Word the refusal of a folder."""
    return Refused(f"ipre input: the folder {name} cannot be read ({why}). {what_to_set()}")


def what_to_set() -> str:
    """Say what data_dir must name."""
    return (
        "Set data_dir (or IPRE_DATA_DIR) to the folder that holds customers, products, invoices and, if you have it, "
        "feedback."
    )


def find_file(folder: Folder, table: InputTable) -> File | None:
    """Find the table's file; None for one that may be absent."""
    matches = [name for name in folder.files if name in [table.name + suffix for suffix in SUFFIXES]]
    if len(matches) > 1:
        raise Refused(f"ipre input: both {' and '.join(map(folder.file, matches))} exist. Keep the one to be read.")
    if not matches and not table.may_be_absent:
        raise Refused(
            f"ipre input: file {folder.file(table.name)}.csv (or .parquet) is missing. Files found in {folder.name}: "
            f"{', '.join(map(folder.file, folder.files)) or 'none'}. {what_to_set()}"
        )
    return File(folder.file(matches[0]), folder.open) if matches else None


def read_csv(cursor: duckdb.DuckDBPyConnection, file: File, table: InputTable) -> None:
    """Read a comma-separated UTF-8 file with a header line; nothing is guessed."""
    header = csv_header(file)
    check_columns(file.source, header, table)
    # Columns get names of ours, so that no text of the file becomes part of the query.
    names = {name: f"column {place}" for place, name in enumerate(header, start=1)}
    types = ", ".join(f"'column {place}': 'VARCHAR'" for place in range(1, len(header) + 1))
    read = [column for column in table.columns if table.in_source(column) in names]
    selected = ", ".join(
        f"{quoted(names[table.in_source(column)]) if column in read else 'cast(null as varchar)'} as {column}"
        for column in table.columns
    )
    for name in ("csv_faults", "csv_scans"):
        cursor.execute(f"drop table if exists temp.{name}")
    cursor.execute(
        f"create or replace table input.{table.name} as select {selected} from read_csv(?, auto_detect = false, "
        f"header = true, delim = ',', quote = '\"', escape = '\"', comment = '', columns = {{{types}}}, "
        "store_rejects = true, rejects_table = 'csv_faults', rejects_scan = 'csv_scans', rejects_limit = 0)",
        [glob_escaped(file.path)],
    )
    fatal = cursor.execute(
        "select line, error_type, error_message from temp.csv_faults "
        f"where error_type not in ({', '.join(map(literal, LINE_FAULTS))}) order by line, error_type limit 1"
    ).fetchall()
    for line, kind, message in fatal:
        raise file.source.refused(f"line {line}: {FILE_FAULTS.get(str(kind), first_line(ValueError(message)))}.")
    check_line_breaks(cursor, file, table, [column for column in read if column != "comment"])
    reasons = " ".join(f"when {literal(kind)} then {literal(reason)}" for kind, reason in LINE_FAULTS.items())
    cursor.execute(
        f"insert into input.unreadable_lines select ?, line - 1, case any_value(error_type) {reasons} end, "
        "trim(any_value(csv_line), chr(10) || chr(13)) from temp.csv_faults group by line order by line",
        [table.name],
    )


def check_line_breaks(cursor: duckdb.DuckDBPyConnection, file: File, table: InputTable, columns: list[str]) -> None:
    """Refuse a file in which a quoted value goes on for many lines, each of them a row that would be lost.

    Staging rejects the rows with a few.
    """
    for column in columns:
        breaks = f"length({column}) - length(replace({column}, chr(10), ''))"
        [(most,)] = cursor.execute(
            f"select max({breaks}) from input.{table.name} where contains({column}, chr(10))"
        ).fetchall()
        if (most or 0) > MOST_LINE_BREAKS:
            [(row,)] = cursor.execute(
                f"select min(row) from (select row_number() over () as row, {column} from input.{table.name}) "
                f"as numbered where {breaks} > {MOST_LINE_BREAKS}"
            ).fetchall()
            raise file.source.refused(
                f"row {row}: a quoted value in {table.label(column)} goes on for {most} lines. Is a quote never closed?"
            )


def csv_header(file: File) -> list[str]:
    """Read the column names in the first line of a CSV file.

    Read here, because DuckDB's detection renames repeated columns, skips lines that it takes for titles or
    comments, and accepts a wrong header by position.
    """
    try:
        with file.open(file.path) as opened:
            start = opened.read(HEADER_BYTES)
    except Exception as error:  # Every store's library has errors of its own.
        raise file.source.refused(f"it cannot be read ({what_happened(error)}).") from error
    if not start.strip():
        raise file.source.refused("it is empty. It must have a header line with the column names.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:1000]:
        raise file.source.refused("it is UTF-16 or not a text file. Export it as CSV in UTF-8.")
    first = start.splitlines()[0]
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise file.source.refused("line 1: it is not UTF-8. Export the file as UTF-8.") from None
    return [name.strip() for name in next(csv.reader(io.StringIO(text)), [])]


def read_parquet(cursor: duckdb.DuckDBPyConnection, file: File, table: InputTable) -> None:
    """Read a Parquet file."""
    types = parquet_types(cursor, file)
    check_columns(file.source, list(types), table)
    cursor.execute(
        f"create or replace table input.{table.name} as select {texts_of(table, types)} from {PARQUET}",
        [glob_escaped(file.path)],
    )


def parquet_types(cursor: duckdb.DuckDBPyConnection, file: File) -> dict[str, str]:
    """Give the columns of a Parquet file and their types in DuckDB."""
    described = cursor.execute(f"describe select * from {PARQUET}", [glob_escaped(file.path)]).fetchall()
    return {name: kind for name, kind, *_ in described}


def glob_escaped(path: str) -> str:
    """Give the path or address with the pattern signs of DuckDB's file search taken literally."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in path)
