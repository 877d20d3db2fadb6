"""A distributor for the tests of the room impact: 80 customers who buy new products now and then, for nine months."""

import datetime
import random
import sqlite3
from pathlib import Path

from input_files import write_files

START = datetime.date(2025, 1, 1)
CUSTOMERS = [f"{'Ä' if number % 7 == 0 else 'C'}{number:02}" for number in range(80)]
PRODUCTS = [f"P{number:02}" for number in range(60)]
PRICES = {
    product: None if number % 20 == 0 else round(1.015 + 0.37 * number, 3) for number, product in enumerate(PRODUCTS)
}


def day(number: int) -> datetime.date:
    return START + datetime.timedelta(days=number)


def background() -> list[list[str]]:
    """Lines of 270 days. Each customer has ten products that it likes and buys, one after the other, and again."""
    draw = random.Random(13)
    lines = []
    for number, customer in enumerate(CUSTOMERS):
        liked = [PRODUCTS[(7 * (number % 6) + step * step) % 60] for step in range(10)]
        for _ in range(16):
            on, product = draw.randrange(270), draw.choice(liked)
            lines.append([f"I{len(lines)}", customer, product, str(draw.randrange(1, 9)), str(day(on))])
            if draw.random() < 0.1:  # All of it comes back.
                lines.append([f"I{len(lines)}", customer, product, f"-{lines[-1][3]}", str(day(min(on + 3, 269)))])
    lines.append([f"I{len(lines)}", CUSTOMERS[0], PRODUCTS[1], "1", str(day(270))])
    return lines


def write_world(folder: Path, lines: list[list[str]], ratings: list[list[str]]) -> Path:
    tables = {
        "customers": [["customer_id", "customer_name", "region", "end_use", "account_manager"]]
        + [[one, f"Firm {one}", "North", "Roofing", "Ann" if place % 3 else ""] for place, one in enumerate(CUSTOMERS)],
        "products": [["product_id", "product_name", "l2_category", "l3_category", "unit_price"]]
        + [[one, f"Part {one}", "L", "X", "" if price is None else str(price)] for one, price in PRICES.items()],
        "invoices": [["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"], *lines],
        "feedback": [["customer_id", "product_id", "rating", "rated_at"], *ratings],
    }
    return write_files(folder, **tables)


def note_openings(file: Path, openings: list[tuple[str, str, str]]) -> str:
    """A store of ratings in which only lists were opened: (customer, run, moment). Returns its address."""
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as store:
        store.execute(
            "create table rating_events (event_id, customer_id, product_id, rating, reason_code, comment, rated_by, "
            "rated_at, channel, run_id, rank, score, source)"
        )
        store.execute("create table list_openings (opening_id, customer_id, run_id, opened_by, opened_at)")
        store.executemany(
            "insert into list_openings values (?, ?, ?, 'ann', ?)",
            [(f"O{number}", *opening) for number, opening in enumerate(openings)],
        )
    store.close()
    return f"sqlite:///{file}"
