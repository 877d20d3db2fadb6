"""The page of a workbook that says how it is used."""

from __future__ import annotations

from typing import Any

import xlsxwriter

from .layout import HOW_TO_SHEET
from .looks import A4, LINE_HEIGHT, lines_of

WIDTH = 85
PARAGRAPHS = [
    "1. On the sheet Ratings, choose High, Medium or Low in the yellow column, and a reason or a comment if you like. "
    "Leave the cell empty where you have nothing to say.",
    "2. Save the file as .xlsx and hand it back. The next night's lists have learned from it.",
    "Withdrawn takes back what you or somebody else rated before. Emptying a cell that was handed in before does not.",
    "A reason or a comment without a rating cannot be taken. Price and out of stock count for 90 days.",
    "You may filter, delete rows, add columns, and hand in the same file again: every row carries its own key.",
    "The cells that say what a row is about are protected against slips, without a password: Review > Unprotect Sheet. "
    "To sort, take the protection away, select the whole table, and sort all columns together.",
    "A product that was rated in the app after this file was made keeps the rating of the app.",
]


def add_how_to(book: xlsxwriter.Workbook, title: str, made: str, styles: dict[str, Any]) -> None:
    """Add the page. made: when, and from which lists."""
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
