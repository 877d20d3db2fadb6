"""Generate believable demo data for a building-supply distributor: customers, products, invoices, feedback.

Usage::

    python seeds/generate_realistic_dataset.py                     # the files in seeds/demo/
    python seeds/generate_realistic_dataset.py --customers 500000 --products 20000 \\
        --invoices 10000000 --out big --format parquet

``--invoices`` counts invoice *lines* (rows of the invoices file), and the file has exactly that many.
An invoice has a little more than two lines; all of them share customer and date.

What is in this world is in the TOML files of ``demo_world/``, how it behaves in the modules beside them.

Why not plain random numbers? Because nothing can be learnt from them. The data hide a small model of how
contractors really buy, and a recommender is good if it finds that model again:

* A customer has a **region** and a **trade** (``end_use``), and inside the trade a **speciality**
  (residential or commercial painter ...) that no file shows. Clustering should find the speciality.
* A speciality does **projects**. A project needs a **kit**: roles such as *interior paint, brush, roller
  cover, tape*. A role is an L3 category with the probability that a crew needs it at all. One project is
  bought on one invoice or on several within weeks. Association rules should find the kits.
* A role is filled with one of the few **staples** that the region prefers in that category (local brand
  preference plus the trade's taste), more rarely with something from the long tail. A customer sticks to
  its choice, so it reorders the same products.
* A customer with enough lines **restocks** consumables of its projects on visits in its usual interval, three
  weeks to three months, give or take, longer in winter. Some things are given up, some are replaced by another
  product of their L3 category, some customers stop. So there is something due, something lost, something replaced.
* A few lines are noise: other products of the trade, and products of foreign trades.
* Spring and summer are busy; de-icing sells in northern winters, pool supplies in southern summers.
* Customers join at different times, some stop buying, sizes differ by a factor of twenty, one line in a
  hundred is a return (negative quantity), and one customer in two hundred has not bought anything yet.
* Account managers rate products that the customer does not have on that day, from what its projects *need*, never
  from a score: a missing part of a kit is High or Medium, another product of the trade Medium, a foreign product
  Low, with noise. And they know their customers: within 90 days a third of what they rated High is bought, a tenth
  of the Medium, hardly any of the Low.

Determinism: the same arguments give the same bytes. Only raw uniform streams of PCG64 are drawn and
turned into choices by inverse distribution functions; lasting habits ("which screws does this customer
use?") come from an integer hash of the ids; sorting is stable; nothing depends on set or hash order.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from demo_world.chance import shuffled
from demo_world.customers import make_customers
from demo_world.days import DAYS, active_days
from demo_world.feedback import make_feedback
from demo_world.files import write
from demo_world.invoices import make_invoices
from demo_world.market import Market
from demo_world.products import make_products
from demo_world.projects import line_counts, make_lines, personal_kits
from demo_world.restocks import make_restocks
from demo_world.world import CATALOGUE

DEFAULT_SEED = 20230101
MIN_CUSTOMERS = 100
MIN_PRODUCTS = 300
NEW_ACCOUNT_SHARE = 0.005  # customers that have not bought anything yet
RETURN_SHARE = 0.01  # invoice lines that are returns


def _check(customers: int, products: int, invoices: int, seed: int) -> None:
    """Refuse sizes that are too small to make sense."""
    for name, size, least, why in (
        ("customers", customers, MIN_CUSTOMERS, "so that every segment has some"),
        ("products", products, MIN_PRODUCTS, f"so that each of the {len(CATALOGUE)} L3 categories has some"),
        ("invoices", invoices, customers, "the number of customers, so that each can have a line"),
        ("seed", seed, 0, "because numpy accepts no negative seed"),
    ):
        if size < least:
            raise ValueError(f"--{name} must be at least {least}, {why}; got {size}")


def generate(
    customers: int = 5_000, products: int = 5_463, invoices: int = 50_000, seed: int = DEFAULT_SEED
) -> dict[str, pd.DataFrame]:
    """Return all four tables by name; ``invoices`` is the exact number of invoice lines.

    Raises ValueError, with a message for people, when a size is too small to make sense.
    """
    _check(customers, products, invoices, seed)
    # One stream for everything: who draws earlier or more changes every byte that is drawn later.
    rng = np.random.Generator(np.random.PCG64(seed))
    shelf = make_products(products, seed)
    people = make_customers(customers, rng)
    personal = personal_kits(people, rng)
    active = np.ones(customers, dtype=bool)
    active[shuffled(customers, rng)[: int(customers * NEW_ACCOUNT_SHARE)]] = False
    window = active_days(customers, rng)
    returns = int(invoices * RETURN_SHARE)
    counts = line_counts(active, (window[1] - window[0] + 1) / DAYS, invoices - returns, rng)
    restocks = make_restocks(personal, counts, window, seed, rng)
    in_stock = np.zeros((customers, len(CATALOGUE)), dtype=bool)
    in_stock[restocks.customer, restocks.l3] = True
    counts -= np.bincount(restocks.customer, minlength=customers)
    lines, done = make_lines(personal, counts, in_stock, seed, rng)
    market = Market(people, shelf, seed, rng)
    frame, sold = make_invoices(market, lines, restocks, returns, window)
    feedback = make_feedback(market, personal, done, sold)
    return {"customers": people.frame, "products": shelf.frame, "invoices": frame, "feedback": feedback}


def _positive(text: str) -> int:
    """argparse type: a whole number above zero; 1_000 and 1000 are both fine."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number; got {text!r}") from None
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be 1 or more; got {value}")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Command line entry point; returns the exit status."""
    parser = argparse.ArgumentParser(
        description="Generate demo customers, products, invoices and feedback of a building supplier.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--customers", type=_positive, default=5_000, help="number of customers")
    parser.add_argument("--products", type=_positive, default=5_463, help="number of products")
    parser.add_argument("--invoices", type=_positive, default=50_000, help="exact number of invoice lines")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "demo", help="folder to write to")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="file format")
    parser.add_argument(
        "--seed", type=_positive, default=DEFAULT_SEED, help="random seed; another one makes other data"
    )
    options = parser.parse_args(arguments)
    try:
        tables = generate(options.customers, options.products, options.invoices, options.seed)
        paths = write(tables, options.out, options.format)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    for path, (name, frame) in zip(paths, tables.items(), strict=True):
        print(f"{name:<10} {len(frame):>11,} rows  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
