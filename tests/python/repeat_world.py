"""A made-up distributor whose customers buy the same products again and again, each at a rate of its own."""

import datetime
from pathlib import Path

import numpy as np
from input_files import write_world

CUSTOMERS, PRODUCTS, OWNED, DAYS = 400, 60, 9, 520
FIRST_DAY = datetime.date(2022, 1, 3)
AS_OF = FIRST_DAY + datetime.timedelta(days=480)


def lines(seed: int = 3) -> list[tuple[int, int, int, datetime.date]]:
    """Invoice lines: customer, product, quantity, date; one in twelve comes back a day or so later."""
    random, found = np.random.default_rng(seed), []
    for customer in range(CUSTOMERS):
        for product in random.choice(PRODUCTS, size=OWNED, replace=False):
            rate, usual = random.choice([1 / 12, 1 / 30, 1 / 60, 1 / 300]), int(random.integers(1, 9))
            for day in np.flatnonzero(random.random(DAYS) < rate):
                found.append((customer, product, usual + int(random.integers(0, 3)), day))
                if random.random() < 1 / 12:
                    found.append((customer, product, -int(random.integers(1, 12)), day + int(random.integers(0, 3))))
    return [(c, p, q, FIRST_DAY + datetime.timedelta(days=int(d))) for c, p, q, d in found]


def write(folder: Path, rows: list[tuple]) -> Path:
    """The world as input files; every seventh product has no price."""
    return write_world(
        folder,
        customers=[(f"{number:05}", f"Customer {number}", "North", "Painting") for number in range(CUSTOMERS)],
        products=[
            (f"P{n:02}", f"Product {n}", f"Department {n % 5}", f"Aisle {n % 10}", n / 8 if n % 7 else "")
            for n in range(PRODUCTS)
        ],
        invoices=[(f"{number}", f"{c:05}", f"P{p:02}", q, day) for number, (c, p, q, day) in enumerate(rows)],
    )
