"""The door for files: CSV and Parquet, found in a folder and read as they stand, or refused with one line.

A CSV line that has too few or too many values is kept as it stands in `input.unreadable_lines`, from where it goes to
rejected_rows.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import duckdb

from .input_tables import MAY_BE_ABSENT, InputTable, Source, check_columns, texts_of
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
HEADER_BYTES = 1 << 20
# A value over more lines than this is the rest of the file behind a quote that is never closed, and not a value.
MOST_LINE_BREAKS = 20


@dataclass(frozen=True)
class Folder:
    """A folder as messages name it, the names of the files there, and where this machine has them."""

    name: str
    files: list[str]
    path: Path

    def file(self, name: str) -> str:
        """Give one of its files as messages name it."""
        return f"{self.name.rstrip('/')}/{name}"


@dataclass(frozen=True)
class File:
    """A file to be read. source: as messages name it, which for a downloaded one is not its path."""

    path: Path
    source: Source

    def read(self, cursor: duckdb.DuckDBPyConnection, table: InputTable) -> None:
        """Read it into `input.<table>`."""
        (read_csv if self.path.suffix == ".csv" else read_parquet)(cursor, self, table)


def local_folder(path: Path) -> Folder:
    """Look into a folder of this machine."""
    try:
        return Folder(str(path), sorted(file.name for file in path.iterdir() if file.is_file()), path)
    except OSError as error:
        raise unreadable_folder(str(path), str(error.strerror)) from error


def unreadable_folder(name: str, why: str) -> Refused:
    """Word the refusal of a folder."""
    return Refused(f"ipre input: the folder {name} cannot be read ({why}). {what_to_set()}")


def what_to_set() -> str:
    """Say what data_dir must name."""
    return (
        "Set data_dir (or IPRE_DATA_DIR) to the folder that holds customers, products, invoices and, if you have it, "
        "feedback."
    )


def find_file(folder: Folder, table: str) -> File | None:
    """Find the table's file; None for one that may be absent."""
    matches = [name for name in folder.files if name in [table + suffix for suffix in SUFFIXES]]
    if len(matches) > 1:
        raise Refused(f"ipre input: both {' and '.join(map(folder.file, matches))} exist. Keep the one to be read.")
    if not matches and table not in MAY_BE_ABSENT:
        raise Refused(
            f"ipre input: file {folder.file(table)}.csv (or .parquet) is missing. Files found in {folder.name}: "
            f"{', '.join(map(folder.file, folder.files)) or 'none'}. {what_to_set()}"
        )
    return File(folder.path / matches[0], Source("file", folder.file(matches[0]))) if matches else None


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
        with file.path.open("rb") as opened:
            start = opened.read(HEADER_BYTES)
    except OSError as error:
        raise file.source.refused(f"it cannot be read ({error.strerror}).") from error
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
    source = "read_parquet(?, binary_as_string = true)"
    described = cursor.execute(f"describe select * from {source}", [glob_escaped(file.path)]).fetchall()
    types = {name: kind for name, kind, *_ in described}
    check_columns(file.source, list(types), table)
    cursor.execute(
        f"create or replace table input.{table.name} as select {texts_of(table, types)} from {source}",
        [glob_escaped(file.path)],
    )


def glob_escaped(file: Path) -> str:
    """Give the path with the pattern signs of DuckDB's file search taken literally."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(file))
