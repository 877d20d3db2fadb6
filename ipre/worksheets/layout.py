"""The parts of a workbook that its writer and its reader share: sheets, headings, and the key of a row."""

import hashlib
from dataclasses import dataclass

from ipre.ratings.events import RATINGS, REASON_CODES

RATINGS_SHEET = "Ratings"
HOW_TO_SHEET = "How to"
# Hidden from people: which workbook this is, and what each of its keys means.
HIDDEN_SHEET = "ipre"
# Changes when the reader can no longer read the workbooks of an earlier version.
FORMAT = "1"

# The most rows that the reader reads, and that the writer writes into one file; more rows go into a second file.
MOST_ROWS = 50_000
ROWS_OF_A_WORKBOOK = 20_000
MOST_BYTES = 10_000_000
# The most that such a file may unpack to; ours unpack to about ten times their size.
MOST_BYTES_UNPACKED = 200_000_000

DROP_DOWN_RATINGS = list(RATINGS)
DROP_DOWN_REASONS = [code.replace("_", " ") for code in REASON_CODES]


@dataclass(frozen=True)
class Column:
    """A column of a sheet: where its values come from and how it looks.

    width: in characters. style of the cells: text, wrapped, rank, whole, money, date or input.
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
# Digest of workbook, customer and product. It checks what a spreadsheet did to the row and is not a secret.
KEY = Column("row_key", "Row key", 8)

# Only if show_margins allows it.
MARGINS = ("suggested_margin", "expected_margin")
MARGIN = Column("suggested_margin", "Margin", 9, "money")

RATINGS_COLUMNS = [
    CUSTOMER_NAME,
    Column("rank", "Rank", 6, "rank"),
    PRODUCT_NAME,
    Column("suggested_quantity", "Quantity", 8, "whole"),
    Column("suggested_value", "Value", 9, "money"),
    MARGIN,
    Column("explanation", "Why", 44, "wrapped"),
    Column("rated", "Current rating", 9),
    RATING,
    REASON,
    COMMENT,
    CUSTOMER_ID,
    PRODUCT_ID,
    KEY,
]
INPUTS = [RATING, REASON, COMMENT]
# These cells of a row must belong together as written, or the row is not what its reader saw.
IDENTITY = [CUSTOMER_ID, CUSTOMER_NAME, PRODUCT_ID, PRODUCT_NAME]
NEEDED = [*INPUTS, *IDENTITY, KEY]

# Lists to read and print: table -> its sheet.
SHEETS_OF_THE_DAY = {
    "account_brief": (
        "Call list",
        [
            Column("call_rank", "Call", 6, "rank"),
            CUSTOMER_NAME,
            Column("order_state", "Ordering activity", 13),
            Column("sentence", "Summary", 70, "wrapped"),
            Column("white_space", "Similar customers also buy from", 30, "wrapped"),
            Column("expected_value", "Expected, next 28 days", 13, "money"),
            Column("expected_margin", "Expected margin", 13, "money"),
            Column("usual_value", "Usual 28 days", 13, "money"),
            Column("turnover_365_days", "Sales, last 365 days", 13, "money"),
            CUSTOMER_ID,
        ],
    ),
    "reorders_due": (
        "May reorder",
        [
            CUSTOMER_NAME,
            PRODUCT_NAME,
            Column("sentence", "Why", 60, "wrapped"),
            Column("likelihood", "Chance, next 28 days", 16),
            Column("suggested_quantity", "Quantity", 8, "whole"),
            Column("suggested_value", "Value", 11, "money"),
            MARGIN,
            CUSTOMER_ID,
            PRODUCT_ID,
        ],
    ),
    "lost_products": (
        "Stopped buying",
        [
            CUSTOMER_NAME,
            PRODUCT_NAME,
            Column("sentence", "Why", 60, "wrapped"),
            Column("last_purchase_date", "Last bought", 11, "date"),
            Column("yearly_value", "Value in its last year", 12, "money"),
            Column("replaced_by_name", "Replaced by", 24, "wrapped"),
            CUSTOMER_ID,
            PRODUCT_ID,
        ],
    ),
}

# The customers to call about one product, in a workbook of its own.
TARGETS_SHEET = "Customers to call"
TARGETS_COLUMNS = [
    Column("rank", "Rank", 6, "rank"),
    CUSTOMER_NAME,
    Column("suggested_quantity", "Quantity", 8, "whole"),
    Column("suggested_value", "Value", 11, "money"),
    MARGIN,
    Column("sentence", "Why", 60, "wrapped"),
    Column("rating", "Current rating", 9),
    CUSTOMER_ID,
]

# The hidden sheet: facts about the workbook, then a table of its rows.
FACTS = ["format", "workbook", "account_manager", "run_id", "data_kind", "exported_at"]
SHOWN_COLUMNS = ["row_key", "customer_id", "customer_name", "product_id", "product_name", "rank", "score", "source"]
FIRST_SHOWN_ROW = len(FACTS) + 2


def shown(columns: list[Column], margins: bool) -> list[Column]:
    """Return the columns of a sheet. margins: whether to show them."""
    return [column for column in columns if margins or column.name not in MARGINS]


def digest(*texts: str) -> str:
    """Return sha256 of texts, spelled so that different lists of texts give different keys."""
    return hashlib.sha256("\x1f".join(f"{len(text)}:{text}" for text in texts).encode()).hexdigest()


def one_line(text: str) -> str:
    """Return a text for comparison: a spreadsheet may change its blanks and line ends."""
    return " ".join(text.split())
