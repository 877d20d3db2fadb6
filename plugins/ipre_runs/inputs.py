"""The user's files: found, checked for their shape and read once, every value as text, into the schema `input`.

What a value means is staging's business. Here a file is either read as it stands, line by line, or refused with one
line that names the file and what to do. A CSV line that has too few or too many values is kept as it stands in
`input.unreadable_lines`, from where it goes to rejected_rows.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from pathlib import Path

import duckdb

from .warehouse import Refused, first_line, kind_of, literal, quoted

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
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# Input table -> its column of numbers that are written by people's rules.
NUMBER_COLUMNS = {"invoices": "quantity", "products": "unit_price"}
# Whole numbers from which on a float does not hold every one any more.
FLOAT_HOLDS_BELOW = {"DOUBLE": 2**53, "FLOAT": 2**24}
HEADER_BYTES = 1 << 20
# A value over more lines than this is the rest of the file behind a quote that is never closed, and not a value.
MOST_LINE_BREAKS = 20


def read_inputs(connection: duckdb.DuckDBPyConnection, folder: Path, tables: dict[str, dict[str, list[str]]]) -> None:
    """Read every input table from `folder` into `input.<table>`, all or none, and note unreadable lines.

    tables: name -> {"required": column names, "optional": column names}; feedback may be absent or without rows.
    Raises Refused with one line when a file is missing, ambiguous or not of the promised shape.
    """
    cursor = connection.cursor()
    cursor.execute("create schema if not exists input")
    cursor.execute("begin")
    try:
        forget_unreadable_lines(cursor)
        for table, columns in tables.items():
            if kind_of(cursor, "input", table) == "VIEW":  # Version 1.0 made views over the files.
                cursor.execute(f"drop view input.{table}")
            file = find_file(folder, table)
            if file is None:
                texts = ", ".join(f"{column} varchar" for column in columns["required"] + columns["optional"])
                cursor.execute(f"create or replace table input.{table} ({texts})")
                continue
            read = read_csv if file.suffix == ".csv" else read_parquet
            try:
                read(cursor, file, table, columns)
            except duckdb.Error as error:
                raise refused(file, "it cannot be read. " + without_hints(error)) from error
            if table in NUMBER_COLUMNS:
                check_thousands(cursor, file, table, NUMBER_COLUMNS[table])
            if table != "feedback" and cursor.execute(f"select count(*) from input.{table}").fetchall() == [(0,)]:
                raise refused(file, "there is no row after the header. Was the export cut short?")
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def forget_unreadable_lines(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `input.unreadable_lines` anew, without rows."""
    cursor.execute("create schema if not exists input")
    cursor.execute(
        "create or replace table input.unreadable_lines "
        "(source_table varchar, row_number bigint, reason varchar, line varchar)"
    )


def find_file(folder: Path, table: str) -> Path | None:
    """Find the table's file; None for absent feedback."""
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise Refused(
            f"ipre input: the folder {folder} cannot be read ({error.strerror}). Set data_dir (or IPRE_DATA_DIR) to "
            "the folder that holds customers, products, invoices and, if you have it, feedback."
        ) from error
    matches = [file for file in files if file.name in (f"{table}.csv", f"{table}.parquet")]
    if len(matches) > 1:
        raise Refused(f"ipre input: both {matches[0]} and {matches[1]} exist. Keep the one to be read.")
    if not matches and table != "feedback":
        raise Refused(
            f"ipre input: file {folder / table}.csv (or .parquet) is missing. Files found in {folder}: "
            f"{', '.join(map(str, files)) or 'none'}. Set data_dir (or IPRE_DATA_DIR) to the folder that holds "
            "customers, products, invoices and, if you have it, feedback."
        )
    return matches[0] if matches else None


def read_csv(cursor: duckdb.DuckDBPyConnection, file: Path, table: str, columns: dict[str, list[str]]) -> None:
    """Read a comma-separated UTF-8 file with a header line; nothing is guessed."""
    header = csv_header(file)
    check_columns(file, header, columns)
    wanted = columns["required"] + columns["optional"]
    # A column that ipre does not know gets a name of ours, so that no text of the file becomes part of the query.
    names = [name if name in wanted else f"unread column {place}" for place, name in enumerate(header, start=1)]
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    selected = ", ".join(quoted(name) if name in names else f"cast(null as varchar) as {name}" for name in wanted)
    for name in ("csv_faults", "csv_scans"):
        cursor.execute(f"drop table if exists temp.{name}")
    cursor.execute(
        f"create or replace table input.{table} as select {selected} from read_csv(?, auto_detect = false, "
        f"header = true, delim = ',', quote = '\"', escape = '\"', comment = '', columns = {{{types}}}, "
        "store_rejects = true, rejects_table = 'csv_faults', rejects_scan = 'csv_scans', rejects_limit = 0)",
        [glob_escaped(file)],
    )
    fatal = cursor.execute(
        "select line, error_type, error_message from temp.csv_faults "
        f"where error_type not in ({', '.join(map(literal, LINE_FAULTS))}) order by line, error_type limit 1"
    ).fetchall()
    for line, kind, message in fatal:
        raise refused(file, f"line {line}: {FILE_FAULTS.get(str(kind), first_line(ValueError(message)))}.")
    check_line_breaks(cursor, file, table, [name for name in names if name in wanted and name != "comment"])
    reasons = " ".join(f"when {literal(kind)} then {literal(reason)}" for kind, reason in LINE_FAULTS.items())
    cursor.execute(
        f"insert into input.unreadable_lines select ?, line - 1, case any_value(error_type) {reasons} end, "
        "trim(any_value(csv_line), chr(10) || chr(13)) from temp.csv_faults group by line order by line",
        [table],
    )


def check_line_breaks(cursor: duckdb.DuckDBPyConnection, file: Path, table: str, names: list[str]) -> None:
    """Refuse a file in which a quoted value goes on for many lines, each of them a row that would be lost.

    Staging rejects the rows with a few.
    """
    for name in names:
        breaks = f"length({name}) - length(replace({name}, chr(10), ''))"
        [(most,)] = cursor.execute(
            f"select max({breaks}) from input.{table} where contains({name}, chr(10))"
        ).fetchall()
        if (most or 0) > MOST_LINE_BREAKS:
            [(row,)] = cursor.execute(
                f"select min(row) from (select row_number() over () as row, {name} from input.{table}) as numbered "
                f"where {breaks} > {MOST_LINE_BREAKS}"
            ).fetchall()
            raise refused(
                file, f"row {row}: a quoted value in '{name}' goes on for {most} lines. Is a quote never closed?"
            )


def check_thousands(cursor: duckdb.DuckDBPyConnection, file: Path, table: str, column: str) -> None:
    """Refuse a file in which 1.200 may well be twelve hundred.

    That is so where every fraction has three digits behind its point and one to three before it, and whole numbers
    stand beside them of which none reaches 1,000. Where all numbers have three decimals nothing is in doubt.
    """
    number = f"regexp_replace({column}, '^[^0-9.]+|[^0-9.]+$', '', 'g')"
    counted = cursor.execute(
        "select count(*), count(*) filter (where regexp_full_match(number, '[1-9][0-9]{0,2}[.][0-9]{3}')), "
        "min(number) filter (where contains(number, '.')), count(*) filter (where not contains(number, '.')), "
        "max(try_cast(number as double)) filter (where not contains(number, '.')) "
        f"from (select {number} as number from input.{table} where {column} is not null) as numbers "
        "where regexp_full_match(number, '[0-9]+[.]?[0-9]*|[.][0-9]+')"
    )
    [(numbers, in_doubt, example, whole, largest)] = counted.fetchall()
    if in_doubt and whole and in_doubt + whole == numbers and largest < 1000:
        plain = example.replace(".", "")
        raise refused(
            file,
            f"'{example}' in '{column}' may be {plain} or {plain[:-3]} and a fraction: all {in_doubt} numbers with a "
            f"point have three digits behind it, and the {whole} others are below 1,000. Export {column} without "
            f"thousands separators ({plain}); if it is a decimal point, with the same decimals throughout (5.000).",
        )


def csv_header(file: Path) -> list[str]:
    """Read the column names in the first line of a CSV file.

    Read here, because DuckDB's detection renames repeated columns, skips lines that it takes for titles or
    comments, and accepts a wrong header by position.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(HEADER_BYTES)
    except OSError as error:
        raise refused(file, f"it cannot be read ({error.strerror}).") from error
    if not start.strip():
        raise refused(file, "it is empty. It must have a header line with the column names.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:1000]:
        raise refused(file, "it is UTF-16 or not a text file. Export it as CSV in UTF-8.")
    first = start.splitlines()[0]
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused(file, "line 1: it is not UTF-8. Export the file as UTF-8.") from None
    return [name.strip() for name in next(csv.reader(io.StringIO(text)), [])]


def check_columns(file: Path, found: list[str], columns: dict[str, list[str]]) -> None:
    """Refuse a file in which a known column stands twice or a required one is missing."""
    counts = Counter(found)
    listed = f"Columns found: {', '.join(found)}."
    for column in columns["required"] + columns["optional"]:
        if counts[column] > 1:
            raise refused(
                file,
                f"column '{column}' stands {counts[column]} times in the header. Keep the one to be read. {listed}",
            )
    for column in columns["required"]:
        if column not in counts:
            raise refused(file, f"required column '{column}' is missing. {listed} {advice(column, found)}")


def advice(column: str, found: list[str]) -> str:
    """Say what most likely makes a required column missing."""
    for delimiter, words in OTHER_DELIMITERS.items():
        if len(found) == 1 and delimiter in found[0]:
            return f"The columns seem to be separated by {words}: export the file with commas."
    by_lower_case = {name.lower(): name for name in found}
    near = difflib.get_close_matches(column, by_lower_case, n=1, cutoff=0.75)
    if near:
        return f"Rename '{by_lower_case[near[0]]}' to '{column}': names are matched exactly."
    return "Rename the column or add it: names are matched exactly, and the first line must be the header."


def read_parquet(cursor: duckdb.DuckDBPyConnection, file: Path, table: str, columns: dict[str, list[str]]) -> None:
    """Read a Parquet file; numbers, dates and times become the text that a CSV file would have.

    An id kept as a float (pandas makes one of a whole-number column with gaps) loses its `.0`; its NaN is no id. One
    that is too large for a float to hold all its digits is written as such numbers are (9.007199e+15), for staging to
    reject.
    """
    source = "read_parquet(?, binary_as_string = true)"
    described = cursor.execute(f"describe select * from {source}", [glob_escaped(file)]).fetchall()
    types = {name: kind for name, kind, *_ in described}
    check_columns(file, list(types), columns)
    selected = []
    for column in columns["required"] + columns["optional"]:
        value = f"cast({quoted(column)} as varchar)" if column in types else "cast(null as varchar)"
        kind = types.get(column, "")
        if column.endswith("_id") and kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
            value = f"nullif(regexp_replace({value}, '[.]0+$', ''), 'nan')"
            if kind in FLOAT_HOLDS_BELOW:
                value = (
                    f"case when abs({quoted(column)}) >= {FLOAT_HOLDS_BELOW[kind]} and not isnan({quoted(column)}) "
                    f"then format('{{:e}}', cast({quoted(column)} as double)) else {value} end"
                )
        selected.append(f"{value} as {column}")
    cursor.execute(
        f"create or replace table input.{table} as select {', '.join(selected)} from {source}", [glob_escaped(file)]
    )


def refused(file: Path, why: str) -> Refused:
    """Word the refusal of a file."""
    return Refused(f"ipre input: file {file}: {why}")


def without_hints(error: duckdb.Error) -> str:
    """Give what DuckDB found, without its hints on options of a reader that the user does not see."""
    text = first_line(error)
    if "state machine" in text:
        return "It mixes Windows and Unix line ends, or its quotes do not match. Export it anew with one kind."
    return text


def glob_escaped(file: Path) -> str:
    """Give the path with the pattern signs of DuckDB's file search taken literally."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(file))
