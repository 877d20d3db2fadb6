"""What writer and reader agree on: the sheets of a workbook, their headings, and the key of a row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ipre.ratings.events import RATINGS, REASON_CODES

RATINGS_SHEET = "Ratings"
HOW_TO_SHEET = "How to"
# Nobody sees it: which workbook this is, and what each of its keys stands for.
HIDDEN_SHEET = "ipre"
# Changes when a reader could no longer read what an earlier version wrote.
FORMAT = "1"

# The reader takes no more, and the writer writes no more into one file: more rows become a second one.
MOST_ROWS = 50_000
ROWS_OF_A_WORKBOOK = 20_000
MOST_BYTES = 10_000_000
# What a file of that size may unpack to; ours unpack to about ten times their size.
MOST_BYTES_UNPACKED = 200_000_000

DROP_DOWN_RATINGS = list(RATINGS)
DROP_DOWN_REASONS = [code.replace("_", " ") for code in REASON_CODES]


@dataclass(frozen=True)
class Column:
    """A column of a sheet: where its values come from and how it looks.

    width: in characters. style: of the cells: text, wrapped, place, whole, money, date or input.
    """

    name: str
    heading: str
    width: float
    style: str = "text"


RATING = Column("rating", "Your rating", 11, "input")
REASON = Column("reason_code", "Reason", 13, "input")
COMMENT = Column("comment", "Comment", 20, "input")
CUSTOMER_ID = Column("customer_id", "Customer id", 10)
CUSTOMER_NAME = Column("customer_name", "Customer", 18, "wrapped")
PRODUCT_ID = Column("product_id", "Product id", 10)
PRODUCT_NAME = Column("product_name", "Product", 24, "wrapped")
KEY = Column("row_key", "Row key", 8)

# Only where a setting shows margins.
MARGINS = ("suggested_margin", "expected_margin")
MARGIN = Column("suggested_margin", "Margin", 9, "money")

RATINGS_COLUMNS = [
    CUSTOMER_NAME,
    Column("rank", "Place", 6, "place"),
    PRODUCT_NAME,
    Column("suggested_quantity", "Quantity", 8, "whole"),
    Column("suggested_value", "Value", 9, "money"),
    MARGIN,
    Column("explanation", "Why", 44, "wrapped"),
    Column("rated", "Rated so far", 9),
    RATING,
    REASON,
    COMMENT,
    CUSTOMER_ID,
    PRODUCT_ID,
    KEY,
]
INPUTS = [RATING, REASON, COMMENT]
# Of a row: they must stand together as they were written, or the row is not what its reader saw.
IDENTITY = [CUSTOMER_ID, CUSTOMER_NAME, PRODUCT_ID, PRODUCT_NAME]
NEEDED = [*INPUTS, *IDENTITY, KEY]

# Lists to read and to print: table -> its sheet.
SHEETS_OF_THE_DAY = {
    "account_brief": (
        "Call list",
        [
            Column("call_rank", "Call", 6, "place"),
            CUSTOMER_NAME,
            Column("order_state", "Orders", 13),
            Column("sentence", "How the customer stands", 70, "wrapped"),
            Column("white_space", "Buys nothing in", 30, "wrapped"),
            Column("expected_value", "Expected, 28 days", 13, "money"),
            Column("expected_margin", "Margin of it", 13, "money"),
            Column("usual_value", "Usual, 28 days", 13, "money"),
            Column("turnover_365_days", "Turnover, 365 days", 13, "money"),
            CUSTOMER_ID,
        ],
    ),
    "reorders_due": (
        "Reorders due",
        [
            CUSTOMER_NAME,
            PRODUCT_NAME,
            Column("sentence", "Why", 60, "wrapped"),
            Column("likelihood", "Chance, 28 days", 16),
            Column("suggested_quantity", "Quantity", 8, "whole"),
            Column("suggested_value", "Value", 11, "money"),
            MARGIN,
            CUSTOMER_ID,
            PRODUCT_ID,
        ],
    ),
    "lost_products": (
        "Lost products",
        [
            CUSTOMER_NAME,
            PRODUCT_NAME,
            Column("sentence", "Why", 60, "wrapped"),
            Column("last_purchase_date", "Last bought", 11, "date"),
            Column("yearly_value", "Value of its last year", 12, "money"),
            Column("replaced_by_name", "Replaced by", 24, "wrapped"),
            CUSTOMER_ID,
            PRODUCT_ID,
        ],
    ),
}

# Of one product, in a workbook of its own: whom to call about it.
TARGETS_SHEET = "Whom to call"
TARGETS_COLUMNS = [
    Column("rank", "Place", 6, "place"),
    CUSTOMER_NAME,
    Column("suggested_quantity", "Quantity", 8, "whole"),
    Column("suggested_value", "Value", 11, "money"),
    MARGIN,
    Column("sentence", "Why", 60, "wrapped"),
    Column("rating", "Rated so far", 9),
    CUSTOMER_ID,
]

# The hidden sheet: what holds for the workbook, then a table of its rows.
FACTS = ["format", "workbook", "account_manager", "run_id", "data_kind", "exported_at"]
SHOWN_COLUMNS = ["row_key", "customer_id", "customer_name", "product_id", "product_name", "rank", "score", "source"]
FIRST_SHOWN_ROW = len(FACTS) + 2


def shown(columns: list[Column], margins: bool) -> list[Column]:
    """Return the columns of a sheet. margins: whether they may be seen."""
    return [column for column in columns if margins or column.name not in MARGINS]


def digest(*texts: str) -> str:
    """Return sha256 of texts, so that no two lists of texts are written alike."""
    return hashlib.sha256("\x1f".join(f"{len(text)}:{text}" for text in texts).encode()).hexdigest()


def row_key(workbook: str, customer_id: str, product_id: str) -> str:
    """Return the key of a row. It is a check against what spreadsheets do to rows, not a secret."""
    return digest(workbook, customer_id, product_id)


def one_line(text: str) -> str:
    """Return a text as both sides compare it: a spreadsheet may write its blanks and line ends in another way."""
    return " ".join(text.split())
