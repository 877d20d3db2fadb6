"""One workbook, for the screen and for paper, which the import can read back."""

import io
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ipre.ratings.events import LONGEST_COMMENT
from ipre.serving import PublishedRun, Rows

from . import layout
from .looks import A4, CELL, LINE_HEIGHT, STYLES, lines, lines_of, shown_text

# A text of the data stays a text, whatever it begins with.
NOTHING_INTERPRETED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# Allowed on a protected sheet.
ALLOWED = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}

# The sheet that explains how to use the workbook: the width of its column, and its text.
HOW_TO_WIDTH = 85
HOW_TO = [
    "1. On the Ratings sheet, choose High, Medium or Low in the yellow column. Add a reason or a comment if you like. "
    "Leave the cell empty if you have no opinion.",
    "2. Save the file as .xlsx and return it. The next run uses your ratings.",
    "Withdrawn removes an earlier rating, yours or a colleague's. Clearing a cell that you returned before does not.",
    "A reason or a comment needs a rating. The reasons price and out of stock count for 90 days.",
    "You may filter, delete rows, add columns, and return the same file again: every row has its own key.",
    "The other cells are protected against accidental changes, without a password: Review > Unprotect Sheet. To sort, "
    "unprotect the sheet, select the whole table, and sort all columns together.",
    "If a product was rated in the app after this file was made, the app's rating stays.",
]


@dataclass(frozen=True)
class Worklist:
    """The content of one workbook. account_manager: None for customers without one. part: its number of `parts`."""

    account_manager: str | None
    recommendations: Rows
    of_the_day: dict[str, Rows] = field(default_factory=dict)
    part: int = 1
    parts: int = 1


def whose(account_manager: str | None) -> str:
    """Return whose workbook it is, in words."""
    return account_manager or "customers without an account manager"


def new_book(target: io.BytesIO, title: str, run: PublishedRun) -> tuple[xlsxwriter.Workbook, dict[str, Any]]:
    """Return a new workbook and its styles."""
    book = xlsxwriter.Workbook(target, {"in_memory": True, **NOTHING_INTERPRETED})
    book.set_properties({"title": title, "comments": f"Run {run.run_id}"})
    return book, {name: book.add_format({**CELL, **style}) for name, style in STYLES.items()}


def targets_bytes(account_manager: str | None, rows: Rows, run: PublishedRun, margins: bool = False) -> bytes:
    """Return the bytes of a workbook with the customers to call about one product."""
    target = io.BytesIO()
    title = f"{rows[0]['product_name']} ({rows[0]['product_id']}) for {whose(account_manager)}"
    book, styles = new_book(target, title, run)
    add_list(
        book, layout.TARGETS_SHEET, layout.shown(layout.TARGETS_COLUMNS, margins), rows, styles, footer_of(title, run)
    )
    book.close()
    return target.getvalue()


def workbook_bytes(worklist: Worklist, run: PublishedRun, exported_at: str, margins: bool = False) -> bytes:
    """Return the bytes of a workbook. exported_at: UTC, as ratings are saved; margins: whether to show them."""
    target = io.BytesIO()
    part = f", part {worklist.part} of {worklist.parts}" if worklist.parts > 1 else ""
    title = f"Recommendations for {whose(worklist.account_manager)}{part}"
    book, styles = new_book(target, title, run)
    # Different for every export.
    book_id = layout.digest(run.run_id, worklist.account_manager or "", str(worklist.part), exported_at)[:32]
    # The current rating has its own column; these cells are for a new one.
    empty = dict.fromkeys(column.name for column in layout.INPUTS)
    rows = [
        {**row, **empty, layout.KEY.name: layout.digest(book_id, row["customer_id"], row["product_id"])}
        for row in worklist.recommendations
    ]
    footer = footer_of(whose(worklist.account_manager), run)
    columns = layout.shown(layout.RATINGS_COLUMNS, margins)
    ratings = add_list(book, layout.RATINGS_SHEET, columns, rows, styles, footer)
    add_drop_downs(ratings, columns, len(rows))
    last = len(columns) - 1
    ratings.set_column(last, last, layout.KEY.width, None, {"hidden": True})
    # Ids are not printed.
    ratings.print_area(0, 0, len(rows), columns.index(layout.COMMENT))
    for table, (name, of_table) in layout.SHEETS_OF_THE_DAY.items():
        if worklist.of_the_day.get(table):
            add_list(book, name, layout.shown(of_table, margins), worklist.of_the_day[table], styles, footer)
    made = f"Made {exported_at[:16].replace('T', ' ')} UTC from the lists of {run.as_of_date}."
    add_how_to(book, title, made, styles)
    facts = [layout.FORMAT, book_id, worklist.account_manager or "", run.run_id, run.data_kind, exported_at]
    add_hidden_sheet(book, facts, rows)
    book.close()
    return target.getvalue()


def add_list(
    book: xlsxwriter.Workbook, name: str, columns: list[layout.Column], rows: Rows, styles: dict[str, Any], footer: str
) -> Worksheet:
    """Add a list whose heading row stays visible and is printed on every page."""
    sheet = book.add_worksheet(name)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        is_number = column.style in ("whole", "money")
        sheet.write_string(0, position, column.heading, styles["heading of numbers" if is_number else "heading"])
    sheet.set_row(0, 2 * LINE_HEIGHT)
    for number, row in enumerate(rows, 1):
        sheet.set_row(number, LINE_HEIGHT * lines(columns, row))
        for position, column in enumerate(columns):
            write(sheet, number, position, row.get(column.name), styles[column.style])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    # Excel does not offer to turn ids into numbers.
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(rows) + 1}"})
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(footer)
    sheet.protect("", ALLOWED)
    return sheet


def write(sheet: Worksheet, row: int, column: int, value: Any, style: Any) -> None:
    """Write one cell with its type: text, number, date, or nothing."""
    sheet.write(row, column, shown_text(value) if isinstance(value, str) else value, style)


def add_drop_downs(sheet: Worksheet, columns: list[layout.Column], count: int) -> None:
    """Add the drop-downs. Pasting bypasses them, so the import checks again."""
    limits = {
        column: {
            "validate": "list",
            "source": words,
            "error_title": "Not in the list",
            "error_message": f"Choose {', '.join(words)}, or leave the cell empty.",
        }
        for column, words in ((layout.RATING, layout.DROP_DOWN_RATINGS), (layout.REASON, layout.DROP_DOWN_REASONS))
    }
    limits[layout.COMMENT] = {
        "validate": "length",
        "criteria": "<=",
        "value": LONGEST_COMMENT,
        "error_title": "The comment is too long",
        "error_message": f"The limit is {LONGEST_COMMENT:,} characters.",
    }
    for column, limit in limits.items():
        position = columns.index(column)
        sheet.data_validation(1, position, count, position, limit)


def add_how_to(book: xlsxwriter.Workbook, title: str, made: str, styles: dict[str, Any]) -> None:
    """Add the sheet that explains the workbook. made: when, and from which lists."""
    sheet = book.add_worksheet(layout.HOW_TO_SHEET)
    sheet.set_column(0, 0, HOW_TO_WIDTH)
    sheet.write_string(0, 0, title, styles["title"])
    sheet.set_row(0, 24)
    for number, text in enumerate([made, *HOW_TO], 1):
        sheet.write_string(number, 0, text, styles["paragraph"])
        sheet.set_row(number, LINE_HEIGHT * lines_of(text, HOW_TO_WIDTH) + 6)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.protect("")


def add_hidden_sheet(book: xlsxwriter.Workbook, facts: list[str], rows: Rows) -> None:
    """Add the sheet that the import needs."""
    sheet = book.add_worksheet(layout.HIDDEN_SHEET)
    for number, (name, fact) in enumerate(zip(layout.FACTS, facts, strict=True)):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, fact)
    for position, name in enumerate(layout.SHOWN_COLUMNS):
        sheet.write_string(layout.FIRST_SHOWN_ROW - 1, position, name)
    for number, row in enumerate(rows, layout.FIRST_SHOWN_ROW):
        for position, name in enumerate(layout.SHOWN_COLUMNS):
            write(sheet, number, position, row[name], None)
    sheet.protect("")
    sheet.very_hidden()


def footer_of(text: str, run: PublishedRun) -> str:
    """Return a footer, in which & begins a command and 255 characters fit."""
    return f"&L{text[:100].replace('&', '&&')}, lists of {run.as_of_date}&RPage &P of &N"
