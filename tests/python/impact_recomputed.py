"""The stage impact in plain Python, from what was published and from the lines of the invoices."""

import datetime
import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy

WINDOW = datetime.timedelta(days=40)
SHARE = Decimal("0.3")


@dataclass
class Publication:
    """What one run published: pair -> (source, trigger, rank, score, quantity)."""

    run_id: str
    started_at: datetime.datetime
    as_of: datetime.date
    lists: dict


def is_held_out(customer: str, salt: str = "ipre", share: Decimal = SHARE) -> bool:
    digits = hashlib.md5(f"{salt}:{customer}".encode()).hexdigest()[:8]
    return int(digits, 16) % 10_000 < 10_000 * share


def ledger(publications: list[Publication], prices: dict) -> dict:
    """(customer, product, first day) -> the rest of the row. Day by day, what looks back left out."""
    days = defaultdict(list)
    for publication in publications:
        if not days or publication.as_of >= max(days):
            days[publication.as_of].append(publication)
    rows = {}
    for pair in sorted({pair for publication in publications for pair in publication.lists}):
        spell, listed_before = None, False
        for today, builds in sorted(days.items()):
            listing = [build for build in builds if pair in build.lists]
            if listing and not listed_before:
                spell = (*pair, today)
                source, trigger, rank, score, quantity = listing[0].lists[pair]
                rows[spell] = {
                    "first_run_id": listing[0].run_id, "first_published_at": listing[0].started_at,
                    "first_source": source, "first_triggered_by": trigger, "first_rank": rank, "first_score": score,
                    "suggested_quantity": quantity, "unit_price": prices[pair[1]], "runs_shown": 0, "best_rank": rank,
                }  # fmt: skip
            if listing:
                row = rows[spell]
                row["runs_shown"] += 1
                row["best_rank"] = min([row["best_rank"], *(build.lists[pair][2] for build in listing)])
                row["last_rank"], row["last_run_id"] = listing[-1].lists[pair][2], listing[-1].run_id
                row["last_shown_on"], row["ended_on"], row["ended_at"] = today, None, None
            last_is_listed = pair in builds[-1].lists
            if (listing or listed_before) and not last_is_listed:
                after = builds[builds.index(listing[-1]) + 1 :] if listing else builds
                rows[spell] |= {"ended_on": today, "ended_at": after[0].started_at}
            listed_before = last_is_listed
    return rows


class Purchases:
    """The lines of the invoices up to a day."""

    def __init__(self, lines: list[list[str]], as_of: datetime.date) -> None:
        self.lines = defaultdict(list)
        for _, customer, product, quantity, day in lines:
            if datetime.date.fromisoformat(day) <= as_of:
                self.lines[customer, product].append((datetime.date.fromisoformat(day), int(quantity)))
        self.as_of = as_of

    def first(self, pair) -> datetime.date | None:
        left = defaultdict(int)
        for day, quantity in self.lines[pair]:
            left[day] += quantity
        return min((day for day, quantity in left.items() if quantity > 0), default=None)

    def bought(self, pair, first, last) -> int:
        return sum(quantity for day, quantity in self.lines[pair] if first <= day <= last)


def value(quantity, price) -> Decimal | None:
    if price is None:
        return None
    return (Decimal(quantity) * Decimal(str(price))).quantize(Decimal("0.01"), ROUND_HALF_UP)


def adoptions(rows: dict, purchases: Purchases, ratings: list[list[str]]) -> dict:
    """Pair -> (mature, adopted, days, quantity, amount, rating, first shown, first bought)."""
    found = {}
    for (customer, product, shown), row in sorted(rows.items()):
        pair, first = (customer, product), purchases.first((customer, product))
        if pair in found or (first and first <= min(day for *other, day in rows if tuple(other) == pair)):
            continue
        last, is_mature = shown + WINDOW, shown + WINDOW <= purchases.as_of
        is_adopted = True if first and first <= last else False if is_mature else None
        quantity = purchases.bought(pair, first, last) if is_adopted else None
        said = [
            rating
            for *rated, rating, day in ratings
            if tuple(rated) == pair
            and datetime.date.fromisoformat(day) <= last
            and (not first or datetime.date.fromisoformat(day) < first)
        ]
        amount = value(quantity, row["unit_price"]) if is_adopted else None
        days = (first - shown).days if first else None
        found[pair] = (is_mature, is_adopted, days, quantity, amount, said[-1] if said else None, shown, first)
    return found


def wilson(part: int, whole: int) -> tuple[float, float]:
    """As in the textbooks."""
    share, z = part / whole, 1.96
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return middle - half, middle + half


def outcomes(customer, rows, purchases, prices, start, end) -> list[float]:
    """What uplift compares of one customer, from the day after `start` to `end`."""
    listed = {}
    for (who, product, shown), row in rows.items():
        if who == customer and shown < end and (row["ended_on"] is None or row["ended_on"] > start):
            listed[product] = min(listed.get(product, end), max(shown, start))
    bought = {}
    for product, since in listed.items():
        first, last = purchases.first((customer, product)), min(end, since + WINDOW)
        if first and since < first <= last:
            bought[product] = value(purchases.bought((customer, product), first, last), prices[product]) or 0
    own = [product for who, product in list(purchases.lines) if who == customer]
    new = [product for product in own if (first := purchases.first((customer, product))) and start < first <= end]
    turnover = sum(
        Decimal(purchases.bought((customer, product), start + datetime.timedelta(days=1), end))
        * Decimal(str(prices[product] or 0))
        for product in own
    )
    turnover = turnover.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return [float(one) for one in (bool(bought), len(bought), sum(bought.values()), len(new), turnover)]


def compared(shown: list[float], held_out: list[float]) -> list[float]:
    """Means, variances, the difference with its interval, and the smallest visible one."""
    difference = numpy.mean(shown) - numpy.mean(held_out)
    error = math.sqrt(numpy.var(shown, ddof=1) / len(shown) + numpy.var(held_out, ddof=1) / len(held_out))
    return [
        len(shown), len(held_out), numpy.mean(shown), numpy.mean(held_out), numpy.var(shown, ddof=1),
        numpy.var(held_out, ddof=1), difference, difference - 1.96 * error, difference + 1.96 * error, 2.8 * error,
    ]  # fmt: skip
