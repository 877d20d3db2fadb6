"""A made-up distributor whose customers buy in a known way, so that a recommender can be right or wrong.

Products stand in chains: whoever buys one buys the next of its chain some weeks later. With the first of a chain,
customers used to buy its companions, which nobody sells any more: they are what similar customers bought, and never
what is bought next.
"""

import datetime
from pathlib import Path

import numpy as np
from input_files import write_world

CHAINS, STEPS, COMPANIONS, CUSTOMERS = 24, 6, 3, 2_400
FIRST_DAY, DAYS, COMPANION_DAYS = datetime.date(2022, 1, 1), 700, 500
ENDS = [*(f"old{number}" for number in range(COMPANIONS)), *range(STEPS)]
AS_OF = FIRST_DAY + datetime.timedelta(days=600)


def lines(seed: int = 5) -> list[tuple[int, str, datetime.date]]:
    """Invoice lines: customer, product, date."""
    random, found = np.random.default_rng(seed), []
    for customer in range(CUSTOMERS):
        joined = int(random.integers(0, DAYS - 20))
        for chain in random.choice(CHAINS, size=3, replace=False):
            day = joined + int(random.integers(0, 60))
            companions = COMPANIONS if day < COMPANION_DAYS else 0
            found += [(customer, f"C{chain:02}-old{number}", day) for number in range(companions)]
            for step in range(STEPS):
                found.append((customer, f"C{chain:02}-{step}", day))
                day += int(random.integers(15, 45))
    return [(c, p, FIRST_DAY + datetime.timedelta(days=d)) for c, p, d in found if d < DAYS]


def write(folder: Path, rows: list[tuple[int, str, datetime.date]]) -> Path:
    """The world as input files."""
    names = [f"C{chain:02}-{end}" for chain in range(CHAINS) for end in ENDS]
    return write_world(
        folder,
        customers=[(f"{number:05}", f"Customer {number}", "North", "Painting") for number in range(CUSTOMERS)],
        products=[(name, f"Product {name}", f"Department {name[1]}", f"Aisle {name[1:3]}") for name in names],
        invoices=[(f"{number}", f"{c:05}", p, 1, day) for number, (c, p, day) in enumerate(rows)],
    )
