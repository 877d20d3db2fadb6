"""The sheet of a workbook that explains how to use it."""

from typing import Any

import xlsxwriter

from .layout import HOW_TO_SHEET
from .looks import A4, LINE_HEIGHT, lines_of

WIDTH = 85
PARAGRAPHS = [
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


def add_how_to(book: xlsxwriter.Workbook, title: str, made: str, styles: dict[str, Any]) -> None:
    """Add the sheet. made: when, and from which lists."""
    sheet = book.add_worksheet(HOW_TO_SHEET)
    sheet.set_column(0, 0, WIDTH)
    sheet.write_string(0, 0, title, styles["title"])
    sheet.set_row(0, 24)
    for number, text in enumerate([made, *PARAGRAPHS], 1):
        sheet.write_string(number, 0, text, styles["paragraph"])
        sheet.set_row(number, LINE_HEIGHT * lines_of(text, WIDTH) + 6)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.protect("")
