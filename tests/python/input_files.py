"""A tiny distributor as input files, for tests of what is read and what is refused."""

import csv
from pathlib import Path

CUSTOMERS = [
    ["customer_id", "customer_name", "region", "end_use"],
    *[[f"00{number}", f"Customer {number}", "North", "Painting"] for number in range(1, 7)],
]
PRODUCTS = [
    ["product_id", "product_name", "l2_category", "l3_category"],
    *[[f"P{number}", f"Product {number}", "Paints", "Interior"] for number in range(1, 9)],
]
INVOICES = [
    ["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"],
    *[[f"I{c}", f"00{c}", f"P{p}", str(c + p), "2024-03-01"] for c in range(1, 6) for p in (1, 2, 3) if c + p != 8],
]
FEEDBACK = [["customer_id", "product_id", "rating", "rated_at", "comment"], ["001", "P5", "High", "2024-02-01", "good"]]
ALL = {"customers": CUSTOMERS, "products": PRODUCTS, "invoices": INVOICES}


def write_files(folder: Path, **tables) -> Path:
    """The distributor's files; a table given as None is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**ALL, **tables}.items():
        if rows is not None:
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
    return folder


HEADERS = {
    "customers": ["customer_id", "customer_name", "region", "end_use", "account_manager"],
    "products": ["product_id", "product_name", "l2_category", "l3_category", "unit_price"],
    "invoices": ["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"],
    "feedback": ["customer_id", "product_id", "rating", "rated_at", "comment"],
}


def write_world(folder: Path, **tables) -> Path:
    """Files of another distributor, of rows without a header: its first columns, so many as a row has."""
    return write_files(
        folder, **{name: [HEADERS[name][: len(rows[0]) if rows else None], *rows] for name, rows in tables.items()}
    )


def as_text(rows, line_end="\n", delimiter=",") -> str:
    """Rows as CSV text, nothing quoted."""
    return "".join(delimiter.join(row) + line_end for row in rows)
