"""A distributor for the tests of the stage impact: 80 customers who buy new products now and then, for nine months."""

import datetime
import random
from pathlib import Path

from input_files import write_world

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


def write(folder: Path, lines: list[list[str]], ratings: list[list[str]]) -> Path:
    return write_world(
        folder,
        customers=[[one, f"Firm {one}", "North", "Roofing", "Ann" if n % 3 else ""] for n, one in enumerate(CUSTOMERS)],
        products=[[one, f"Part {one}", "L", "X", "" if price is None else price] for one, price in PRICES.items()],
        invoices=lines,
        feedback=ratings,
    )
