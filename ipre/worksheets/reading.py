"""A workbook read back: the facts about itself, and the rows that somebody filled in.

The file comes from somebody's disk, so the reader trusts nothing in it: it checks the size before it opens the file
and computes no formula.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from . import layout
from .errors import WorkbookRefused
from .layout import MOST_ROWS, one_line

# Somebody may have added a title above the headings.
ROWS_LOOKED_AT_FOR_HEADINGS = 20
MOST_COLUMNS = 100


@dataclass(frozen=True)
class Filled:
    """A row that somebody filled in. where: file and row, for messages. values: cells by name of column.

    problem: why the row cannot be read, in words.
    """

    where: str
    values: dict[str, str]
    problem: str | None = None


@dataclass(frozen=True)
class ReadWorkbook:
    """A workbook. facts: about itself. shown: key -> what that row showed when it was written."""

    facts: dict[str, str]
    shown: dict[str, dict[str, Any]]
    filled: list[Filled]


def read_workbook(file: Path) -> ReadWorkbook:
    """Read a file. Raises WorkbookRefused when no row of it can be imported."""
    check_size(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True)
    except Exception as error:  # A damaged file can raise anything.
        raise not_a_workbook(file) from error
    try:
        facts, shown = read_hidden_sheet(file, book)
        sheets = [sheet for sheet in book.worksheets if sheet.title != layout.HIDDEN_SHEET]
        found = [(sheet, headings) for sheet in sheets if (headings := find_headings(sheet))]
        complete = [
            (sheet, *headings) for sheet, headings in found if set(headings[1]) >= {c.name for c in layout.NEEDED}
        ]
        if not complete:
            nearest = max((headings[1] for _, headings in found), key=len, default={})
            missing = ", ".join(column.heading for column in layout.NEEDED if column.name not in nearest)
            raise WorkbookRefused(
                f"{file.name}: headings are missing: {missing}. Write them back into the heading row of the Ratings "
                "sheet."
            )
        filled = [row for sheet, top, columns in complete for row in filled_rows(file, sheet, top, columns)]
    except WorkbookRefused:
        raise
    except Exception as error:  # Rows are parsed as they are read.
        raise not_a_workbook(file) from error
    finally:
        book.close()
    return ReadWorkbook(facts, shown, filled)


def not_a_workbook(file: Path) -> WorkbookRefused:
    """Return the refusal of a file of another kind, or of a damaged one."""
    return WorkbookRefused(
        f"{file.name}: not a readable workbook. Open it in a spreadsheet program and save it as .xlsx."
    )


def check_size(file: Path) -> None:
    """Refuse a file that would fill the memory, before reading a cell of it."""
    try:
        size = file.stat().st_size
        if size > layout.MOST_BYTES:
            raise WorkbookRefused(
                f"{file.name}: the file has {size:,} bytes; the limit is {layout.MOST_BYTES:,}. Remove what you added."
            )
        with zipfile.ZipFile(file) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
    except OSError as error:
        raise WorkbookRefused(f"{file.name}: cannot be read ({error.strerror}). Check its permissions.") from error
    except zipfile.BadZipFile as error:
        raise not_a_workbook(file) from error
    if unpacked > layout.MOST_BYTES_UNPACKED:
        raise WorkbookRefused(
            f"{file.name}: the file unpacks to {unpacked:,} bytes; the limit is {layout.MOST_BYTES_UNPACKED:,}. "
            "Remove what you added."
        )


def read_hidden_sheet(file: Path, book: Workbook) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Return the facts about the workbook, and what its rows showed."""
    if layout.HIDDEN_SHEET not in book.sheetnames:
        raise WorkbookRefused(
            f"{file.name}: the hidden sheet is missing, which says which lists the file is about. Fill in the original "
            "file; do not copy the rows into a new one."
        )
    rows = list(rows_of(file, book[layout.HIDDEN_SHEET]))
    facts = {text_of(row[0]): text_of(row[1]) for _, row in rows[: len(layout.FACTS)] if len(row) > 1}
    if set(facts) != set(layout.FACTS):
        raise WorkbookRefused(f"{file.name}: the hidden sheet was changed. Fill in the original file.")
    if facts["format"] != layout.FORMAT:
        raise WorkbookRefused(f"{file.name}: another version of ipre made it. Make a new one: `make worksheets`.")
    shown = {}
    for number, row in rows:
        if number > layout.FIRST_SHOWN_ROW:
            values = [cell.value if cell.data_type == "n" else text_of(cell) for cell in row]
            one = dict(zip(layout.SHOWN_COLUMNS, values + [None] * len(layout.SHOWN_COLUMNS), strict=False))
            shown[one["row_key"]] = one
    return facts, shown


def rows_of(file: Path, sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, tuple]]:
    """Return the rows that are not empty, with their numbers."""
    filled = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if any(cell.value is not None for cell in row):
            filled += 1
            if filled > MOST_ROWS + ROWS_LOOKED_AT_FOR_HEADINGS:
                raise WorkbookRefused(
                    f"{file.name}: a sheet has more than {MOST_ROWS:,} rows, which is the limit. Remove what you added."
                )
            yield number, row


def find_headings(sheet: ReadOnlyWorksheet) -> tuple[int, dict[str, int]] | None:
    """Return the number of the heading row and the position of each needed column; None without such a row."""
    wanted = {column.heading.casefold(): column.name for column in layout.NEEDED}
    best: tuple[int, dict[str, int]] | None = None
    for number, row in enumerate(sheet.iter_rows(max_row=ROWS_LOOKED_AT_FOR_HEADINGS, max_col=MOST_COLUMNS), 1):
        columns: dict[str, int] = {}
        for number_of_column, cell in enumerate(row):
            # Of two columns with one heading the first is ours; an added one is further right.
            if name := wanted.get(one_line(text_of(cell)).casefold()):
                columns.setdefault(name, number_of_column)
        if len(columns) >= 2 and (best is None or len(columns) > len(best[1])):
            best = number, columns
    return best


def filled_rows(file: Path, sheet: ReadOnlyWorksheet, top: int, columns: dict[str, int]) -> Iterator[Filled]:
    """Return the rows below the headings that somebody filled in."""
    merged = merged_rows(sheet, set(columns.values()))
    where = f"{file.name}, row" if sheet.title == layout.RATINGS_SHEET else f"{file.name}, sheet {sheet.title}, row"
    for number, row in rows_of(file, sheet):
        cells = {name: row[column] for name, column in columns.items() if column < len(row)}
        values = {column.name: text_of(cells.get(column.name)) for column in layout.NEEDED}
        if number <= top or not (any(values[column.name] for column in layout.INPUTS) or number in merged):
            continue
        # A formula's result nobody entered.
        formulas = [c.heading for c in layout.NEEDED if getattr(cells.get(c.name), "data_type", None) == "f"]
        problem = None
        if number in merged:
            problem = "the row has merged cells, which keep only one value. Unmerge them and fill in each row."
        elif formulas:
            problem = f"{', '.join(formulas)} contains a formula. Type the word itself."
        yield Filled(f"{where} {number}", values, problem)


def merged_rows(sheet: ReadOnlyWorksheet, columns: set[int]) -> set[int]:
    """Return the rows with merged cells in these columns (0 is the first), which a parser of rows alone hides."""
    rows: set[int] = set()
    with sheet.parent._archive.open(sheet._worksheet_path) as source:
        for _, element in ElementTree.iterparse(source):
            if element.tag.rpartition("}")[2] == "mergeCell":
                left, first, right, last = range_boundaries(element.get("ref", ""))
                if columns & set(range(left - 1, right)):
                    rows |= set(range(first, min(last, first + MOST_ROWS) + 1))
            element.clear()
    return rows


def text_of(cell: Any) -> str:
    """Return the content of a cell as a text without blanks around it."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unescape(str(value)).strip()
