"""The style of cells and the height of rows."""

import math
from typing import Any

from .layout import Column

GRAY = "#BFBFBF"
CELL = {"font_name": "Arial", "font_size": 9, "valign": "top", "bottom": 1, "bottom_color": GRAY}
HEADING = {"bold": True, "text_wrap": True, "bg_color": "#DDE6F0", "bottom_color": "black"}
STYLES = {
    "text": {"num_format": "@", "align": "left", "indent": 1},
    "wrapped": {"num_format": "@", "text_wrap": True, "align": "left", "indent": 1},
    "rank": {"num_format": "0", "align": "center"},
    "whole": {"num_format": "#,##0"},
    "money": {"num_format": "#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    "input": {
        "num_format": "@",
        "text_wrap": True,
        "locked": False,
        "bg_color": "#FFF8DC",
        "border": 1,
        "border_color": GRAY,
    },
    "heading": {**HEADING, "align": "left", "indent": 1},
    "heading of numbers": {**HEADING, "align": "right"},
    "paragraph": {"num_format": "@", "text_wrap": True, "bottom": 0},
    "title": {"bold": True, "font_size": 14, "bottom": 0},
}
A4 = 9
# Without heights LibreOffice draws wrapped text over the next row. Points.
LINE_HEIGHT = 12
# A width counts characters of a larger font than ours.
CHARACTERS_PER_WIDTH = 1.25
LONGEST_CELL = 1000


def lines(columns: list[Column], row: dict[str, Any]) -> int:
    """Return the lines that the longest wrapped text of a row takes."""
    wrapped = [(shown_text(row.get(column.name)), column.width) for column in columns if column.style == "wrapped"]
    return max((lines_of(text, width) for text, width in wrapped), default=1)


def lines_of(text: str, width: float) -> int:
    """Return the lines of a text; words break so that a tenth of a line stays empty, in narrow columns more."""
    return max(1, math.ceil(len(text) / (width * CHARACTERS_PER_WIDTH - 3)))


def shown_text(value: Any) -> str:
    """Return a text that fits into a cell; longer ones are cut."""
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
