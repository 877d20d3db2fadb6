"""Files as a source: CSV and Parquet, found in a folder or an object store and read as they are, or refused.

A table is one file, or a folder of parts as Spark and pandas write them. A CSV line with too few or too many values is
kept as it is in `input.unreadable_lines`, from where it goes to rejected_rows.
"""

import contextlib
import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb

from .input_lines import check_lines
from .input_tables import Columns, InputTable, Source, check_columns, input_tables, nearest_name, text_literal, texts_of
from .stores import check_address, connected, is_address, is_web, what_happened
from .warehouse import COPIES, Refused, described, first_line, glob_escaped, literal, quoted

SUFFIXES = (".csv", ".parquet")
# DuckDB's kinds of CSV errors that concern one line and no other: the rows around it are whole.
LINE_FAULTS = {
    "MISSING COLUMNS": "the line has fewer values than the header",
    "TOO MANY COLUMNS": "the line has more values than the header",
}
# After the others nobody knows where a row ends, or how to read the whole file.
FILE_FAULTS = {
    "UNQUOTED VALUE": 'a quoted value is not closed, or contains a quote. Write a quote inside a value twice ("")',
    "INVALID ENCODING": "the text is not UTF-8. Export the file as UTF-8",
    "LINE SIZE OVER MAXIMUM": "the line is longer than 2 MB. Check for a quote that is not closed",
}
PARQUET = "read_parquet(?, binary_as_string = true, hive_partitioning = false)"
HEADER_BYTES = 1 << 20
# Names in a folder of parts that say that its files are not simply the table's rows.
NO_PARTS = {
    "_temporary": "it is still being written, or its writer was stopped. Write it again",
    "_delta_log": "it is a Delta table, whose files also contain deleted rows. Export it as a file",
    ".hoodie": "it is a Hudi table, whose files also contain replaced rows. Export it as a file",
}
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
WHAT_TO_SET = (
    "Set data_dir (or IPRE_DATA_DIR) to the folder of your files: customers, products, invoices and, if you have it, "
    "feedback."
)


@dataclass(frozen=True)
class Folder:
    """A folder or an address, and the names of its files and folders.

    here: returns the path of one of them on this machine; of one in a store it makes a copy.
    """

    name: str
    files: list[str]
    folders: list[str]
    here: Callable[[str], Path]

    def file(self, name: str) -> str:
        """Return the path or address of one of its files."""
        return f"{self.name.rstrip('/')}/{name}"

    def listed(self) -> str:
        """Name what is there."""
        return ", ".join(map(self.file, [*self.files, *(f"{name}/" for name in self.folders)])) or "none"


@dataclass(frozen=True)
class File:
    """A file to be read. source: as messages name it; values: of all its rows, by its folders' names (year=2025)."""

    source: Source
    here: Path
    values: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def is_csv(self) -> bool:
        """Whether it is CSV and not Parquet."""
        return self.here.suffix == ".csv"

    @property
    def pattern(self) -> str:
        """Its path as DuckDB's readers of files take it."""
        return glob_escaped(self.here)

    def columns(self, cursor: duckdb.DuckDBPyConnection) -> Columns:
        """List its columns; of a CSV file without types."""
        written = csv_header(self) if self.is_csv else described(cursor, PARQUET, self.pattern)
        return [*written, *((name, "") for name in self.values)]

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable, columns: Columns) -> None:
        """Add its rows to `input.<table>`."""
        read = read_csv if self.is_csv else read_parquet
        read(cursor, self, table, columns)


@dataclass(frozen=True)
class Parts:
    """A folder of files that are one table, in the order of their names."""

    source: Source
    files: list[File]

    def columns(self, cursor: duckdb.DuckDBPyConnection) -> Columns:
        """List the columns of the first, which the others have, too."""
        return self.files[0].columns(cursor)

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable, columns: Columns) -> None:
        """Add their rows to `input.<table>`."""
        for file in self.files:
            columns = file.columns(cursor)
            check_columns(file.source, columns, table)
            file.read(cursor, table, columns)


@contextlib.contextmanager
def folder_of(warehouse: Path | None, data_dir: str, tables: list[str]) -> Iterator[Folder | None]:
    """Look into the folder or the object store that data_dir names; None where no table is a file.

    Files of a store are read from copies beside the warehouse, so that each comes over the line once.
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
            files, folders = files_in(store, root, tables)
        except Refused:
            raise
        except Exception as error:  # Every store's library has errors of its own.
            raise unreadable_folder(address, what_happened(error)) from error
        name = store.unstrip_protocol(root).rstrip("/")
        beside = {"prefix": f"{warehouse.name}{COPIES}", "dir": warehouse.parent} if warehouse else {}
        with tempfile.TemporaryDirectory(**beside) as copies:
            try:
                yield Folder(name, files, folders, lambda one: copied(store, f"{root}/{one}", Path(copies, one)))
            except Refused as error:  # The user knows the address, not the copy.
                raise Refused(str(error).replace(copies, name)) from error


def copied(store: Any, path: str, copy: Path) -> Path:
    """Copy a file or a folder of a store to this machine; return its path."""
    try:
        for one in [path] if is_web(store) else store.find(path):
            # Of a file it is the same path, which begins with a slash in some stores and not in others.
            file = copy / one.lstrip("/").removeprefix(path.lstrip("/")).lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            store.get_file(one, str(file))
    except Exception as error:
        raise Source("file", str(copy)).refused(f"it cannot be read ({what_happened(error)}).") from error
    return copy


def files_in(store: Any, root: str, tables: list[str]) -> tuple[list[str], list[str]]:
    """List the files and the folders of a folder in a store; of a web server, which lists none, the tables' files."""
    if not is_web(store):
        entries = store.ls(root, detail=True)
        return tuple(
            sorted(entry["name"].rstrip("/").rpartition("/")[2] for entry in entries if entry["type"] == kind)
            for kind in ("file", "directory")
        )
    found = []
    for name in [table + suffix for table in tables for suffix in SUFFIXES]:
        # As a stream of a given size the file itself is requested, so a dead server does not look like a missing file.
        with contextlib.suppress(FileNotFoundError), store.open(f"{root}/{name}", block_size=0, size=1):
            found.append(name)
    return sorted(found), []


def local_folder(path: Path) -> Folder:
    """Look into a folder of this machine."""
    try:
        files, folders = (
            sorted(one.name for one in path.iterdir() if is_one(one)) for is_one in (Path.is_file, Path.is_dir)
        )
    except OSError as error:
        raise unreadable_folder(str(path), str(error.strerror)) from error
    return Folder(str(path), files, folders, path.joinpath)


def unreadable_folder(name: str, why: str) -> Refused:
    """Word the refusal of a folder."""
    return Refused(f"ipre input: the folder {name} cannot be read ({why}). {WHAT_TO_SET}")


def find_file(folder: Folder, table: InputTable) -> File | Parts | None:
    """Find the table's file or folder; None for one that may be absent, and that no name there comes near."""
    names = [table.name + suffix for suffix in SUFFIXES]
    files = [name for name in folder.files if name in names]
    folders = [name for name in folder.folders if name in [table.name, *names]]
    if len(files + folders) > 1:
        both = " and ".join(map(folder.file, files + folders))
        raise Refused(f"ipre input: found both {both}. Delete or move one.")
    if files:
        return File(Source("file", folder.file(files[0])), folder.here(files[0]))
    if folders:
        return parts_of(folder, folders[0])
    stems = {name.partition(".")[0]: name for name in folder.files + folder.folders}
    near = stems.get(nearest_name(table.name, stems, input_tables()))
    hint = f"If {folder.file(near)} is the table, rename it or export it as CSV or Parquet. " if near else ""
    if not table.may_be_absent:
        raise Refused(
            f"ipre input: file {folder.file(table.name)}.csv (or .parquet) is missing. Files found in {folder.name}: "
            f"{folder.listed()}. {hint}{WHAT_TO_SET}"
        )
    if near:
        raise Refused(
            f"ipre does not recognize {folder.file(near)}. If it is the {table.name} table, rename it {table.name}.csv "
            f"or {table.name}.parquet, or export it as one of these. If not, move it out of the folder."
        )
    return None


def parts_of(folder: Folder, name: str) -> Parts:
    """Return the table in a folder. Names that begin with _ or . are notes of their writer, not parts."""
    source, where = Source("folder", folder.file(name)), folder.here(name)
    found = sorted(str(one.relative_to(where)) for one in where.rglob("*") if one.is_file() and one.stat().st_size)
    parts = []
    for path in found:
        *folders, file = path.split("/")
        for mark, why in NO_PARTS.items():
            if mark in folders:
                raise source.refused(f"{why}.")
        if any(one.startswith(("_", ".")) for one in (*folders, file)):
            continue
        if not file.endswith(SUFFIXES) or not all("=" in one for one in folders):
            raise source.refused(
                f"{path} is not part of the table. Put .csv or .parquet files here, or in `column=value` subfolders "
                "(year=2025). Move other files out of the folder."
            )
        values = {column: unquote(value) for column, _, value in (one.partition("=") for one in folders)}
        known = {column: None if value == NO_VALUE else value for column, value in values.items()}
        parts.append(File(Source("file", f"{source.name}/{path}"), where / path, known))
    if len({part.is_csv for part in parts}) != 1:
        raise source.refused(
            "it contains both .csv and .parquet files. Keep only those to read."
            if parts
            else "it contains no .csv or .parquet file with content. Check the export."
        )
    return Parts(source, parts)


def read_csv(cursor: duckdb.DuckDBPyConnection, file: File, table: InputTable, columns: Columns) -> None:
    """Read a comma-separated UTF-8 file with a header line; nothing is guessed."""
    header, path = [name for name, _ in columns[: len(columns) - len(file.values)]], file.pattern
    # Columns get names of ours, so that no text of the file becomes part of the query.
    types = {f"column {place}": "VARCHAR" for place in range(1, len(header) + 1)}
    places = dict(zip(header, types, strict=True))
    renamed = {column: table.in_source(column) for column in table.columns}
    selected = ", ".join(
        f"{quoted(places[name]) if name in places else text_literal(file.values.get(name))} as {column}"
        for column, name in renamed.items()
    )
    rows = (
        f"read_csv(?, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', comment = '', "
        f"columns = {types}, hive_partitioning = false, store_rejects = true, rejects_table = 'csv_faults', "
        "rejects_scan = 'csv_scans', rejects_limit = 0)"
    )
    for name in ("csv_faults", "csv_scans"):
        cursor.execute(f"drop table if exists temp.{name}")
    added = cursor.execute(f"insert into input.{table.name} by name select {selected} from {rows}", [path])
    [(count,)] = added.fetchall()
    fatal = cursor.execute(
        "select line, error_type, error_message from temp.csv_faults "
        f"where error_type not in ({', '.join(map(literal, LINE_FAULTS))}) order by line, error_type limit 1"
    ).fetchall()
    for line, kind, message in fatal:
        raise file.source.refused(f"line {line}: {FILE_FAULTS.get(str(kind), first_line(ValueError(message)))}.")
    [(unreadable,)] = cursor.execute("select count(distinct line) from temp.csv_faults").fetchall()
    check_lines(file.source, file.here, header, count + unreadable, [table.in_source(column) for column in table.prose])
    [(before,)] = cursor.execute(
        f"select (select count(*) from input.{table.name}) - ? + count(*) from input.unreadable_lines "
        "where source_table = ?",
        [count, table.name],
    ).fetchall()
    reasons = " ".join(f"when {literal(kind)} then {literal(reason)}" for kind, reason in LINE_FAULTS.items())
    cursor.execute(
        f"insert into input.unreadable_lines select ?, ? + line - 1, case any_value(error_type) {reasons} end, "
        "trim(any_value(csv_line), chr(10) || chr(13)) from temp.csv_faults group by line order by line",
        [table.name, before],
    )
    unnamed = [place for place, name in enumerate(header, start=1) if not name]
    for place in unnamed if table.kept_by_hand else []:
        # Spreadsheets write columns in which there is nothing.
        if cursor.execute(f"from {rows} where trim({quoted(f'column {place}')}) <> '' limit 1", [path]).fetchall():
            raise file.source.refused(
                f"column {place} has values but no name. Name it as one of {', '.join(table.columns)}, or remove it."
            )


def csv_header(file: File) -> Columns:
    """Read the column names in the first line of a CSV file.

    Read here, because DuckDB's detection renames repeated columns, skips lines that it takes for titles or
    comments, and accepts a wrong header by position.
    """
    try:
        with file.here.open("rb") as opened:
            start = opened.read(HEADER_BYTES)
    except OSError as error:
        raise file.source.refused(f"it cannot be read ({what_happened(error)}).") from error
    if not start.strip():
        raise file.source.refused("it is empty. Export it with a header line of column names.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:1000]:
        raise file.source.refused("it is UTF-16 or not a text file. Export it as CSV in UTF-8.")
    first = start.splitlines()[0]
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise file.source.refused("line 1: the text is not UTF-8. Export the file as UTF-8.") from None
    return [(name.strip(), "") for name in next(csv.reader(io.StringIO(text)), [])]


def read_parquet(cursor: duckdb.DuckDBPyConnection, file: File, table: InputTable, columns: Columns) -> None:
    """Read a Parquet file."""
    types = {name: kind for name, kind in columns if kind}
    zones = zones_in(cursor, file.pattern) if "TIMESTAMP WITH TIME ZONE" in types.values() else {}
    texts = texts_of(table, types, file.values, zones)
    cursor.execute(f"insert into input.{table.name} by name select {texts} from {PARQUET}", [file.pattern])


def zones_in(cursor: duckdb.DuckDBPyConnection, path: str) -> dict[str, str]:
    """Return the time zones in which pandas wrote the times of a Parquet file, by column: the times are UTC."""
    query = "select decode(value) from parquet_kv_metadata(?) where decode(key) = 'pandas'"
    columns = [column for (told,) in cursor.execute(query, [path]).fetchall() for column in json.loads(told)["columns"]]
    zones = {column["name"]: (column.get("metadata") or {}).get("timezone") for column in columns}
    return {name: f"UTC{zone}" if zone[0] in "+-" else zone for name, zone in zones.items() if zone}
