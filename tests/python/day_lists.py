"""The lists of the day once more, in plain Python from the accepted rows, without any of the project's SQL.

Taken from the warehouse are the accepted rows, the as-of date, the clusters (K-Means has tests of its own) and the
recommendations, whose values are made anew.
"""

import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from statistics import median

from plain_purchases import CHANCE_OF_AN_OFFER, DUE_FROM, LOST_FROM, LOST_MIN_DAYS, YEAR, Purchases, cents, said

# Chance -> its word; below the last one "unlikely".
WORDS = {0.75: "very likely", 0.5: "likely", 0.25: "possible"}
PLACES, SPANS, SPAN = 10, 13, timedelta(days=28)


def every(interval: Fraction) -> str:
    return "about every day" if interval <= 1 else f"about every {math.ceil(interval)} days"


def likelihood(chance: float) -> str:
    word = next((word for limit, word in WORDS.items() if chance >= limit), "unlikely")
    return f"{word}, {int(Decimal(repr(100 * chance)).quantize(Decimal(1), ROUND_HALF_UP))}%"


def by_value(value: Decimal | None) -> tuple[bool, Decimal]:
    """Sort key: highest first, none last."""
    return value is None, -(value or Decimal(0))


class DayLists(Purchases):
    """The three lists of one warehouse, as rows with the columns in the order of their contracts."""

    def ago(self, day: date) -> str:
        return said(day, self.said_on)

    @cached_property
    def reorders_due(self) -> list[tuple]:
        lost, found = {(row[0], row[4]) for row in self.lost_products}, defaultdict(list)
        for (customer, product), (chance, value, _) in self.chances.items():
            if product not in self.shown or (customer, product) in lost:
                continue
            rhythm = self.rhythms.get((customer, product))
            if chance is not None and chance >= self.parameters["min_reorder_chance"]:
                found[customer].append((-chance, *by_value(value), product))
            elif chance is None and rhythm and DUE_FROM <= rhythm.ratio <= LOST_FROM:
                days = self.purchase_days(customer, product)
                # As decimals, of which the sum is rounded: ties are none of a float's last digit.
                decayed = sum(round(0.5 ** ((self.as_of - day).days / 180), 9) for day in days)
                found[customer].append((-round(decayed, 9), *by_value(value), product))
        return sorted(
            (
                self.reorder_row(customer, product, rank)
                for customer, due in found.items()
                for rank, (*_, product) in enumerate(sorted(due)[:PLACES], start=1)
            ),
            key=lambda row: (row[0], row[3]),
        )

    def reorder_row(self, customer, product, rank) -> tuple:
        name, manager = self.customers[customer]
        chance, expected, _ = self.chances[customer, product]
        bought = self.purchase_days(customer, product)
        rhythm, days = self.rhythms.get((customer, product)), list(bought)
        quantity, since = math.ceil(Fraction(median(bought.values()))), (self.as_of - days[-1]).days
        last = sorted({day for basket in self.lines[customer] for day in self.purchase_days(customer, basket)})[-5:]
        among = len(set(last) & set(days))
        on = "on one day" if len(days) == 1 else f"on {len(days)} days"
        if len(last) == 1:
            on = "on its only order day"
        elif among:
            on = f"on {among} of its last {len(last)} order days"
        sentence = (
            f"This customer bought {self.names[product]} {on}, usually {quantity} unit{'' if quantity == 1 else 's'}, "
            f"most recently {self.ago(days[-1])}{f'; it reorders {every(rhythm.interval)}' if rhythm else ''}."
        )
        dates = (None,) * 4
        if rhythm:
            dates = float(rhythm.interval), rhythm.ratio, rhythm.due, (self.as_of - rhythm.due).days
        return (
            customer, name, manager, rank, product, self.names[product],
            None if chance is None else likelihood(chance), sentence, quantity, self.value(product, quantity),
            self.margin(product, quantity), chance, expected, len(days), days[-1], since, *dates,
        )  # fmt: skip

    def replacement(self, customer: str, product: str, last: date) -> tuple[date, str] | None:
        """The first of the same aisle that the customer never bought before."""
        firsts = (
            (min(day for day, quantity in self.lines[customer][other] if quantity > 0), other)
            for other in self.baskets[customer] & self.shown
            if other != product and self.aisles[other] == self.aisles[product]
        )
        return min((first for first in firsts if first[0] > last), default=None)

    @cached_property
    def lost_products(self) -> list[tuple]:
        found, days = defaultdict(list), LOST_MIN_DAYS
        for (customer, product), rhythm in self.rhythms.items():
            first, last = rhythm.days[0], rhythm.days[-1]
            if (
                rhythm.ratio > LOST_FROM
                and rhythm.since >= days
                and (last - first).days >= days
                and self.order_days[customer][-1] > rhythm.due
            ):
                quantity = sum(q for day, q in self.lines[customer][product] if last - YEAR < day <= last)
                value = self.value(product, quantity)
                found[customer].append(((*by_value(value), -rhythm.since, product), rhythm, quantity, value))
        rows = []
        for customer, lost in found.items():
            for rank, (key, *rest) in enumerate(sorted(lost, key=lambda row: row[0]), start=1):
                rows.append(self.lost_row(customer, key[-1], rank, *rest))
        return sorted(rows, key=lambda row: (row[0], row[3]))

    def lost_row(self, customer, product, rank, rhythm, quantity, value) -> tuple:
        name, manager = self.customers[customer]
        spoken, since = self.names[product], "it has ordered other products since"
        on, other = self.replacement(customer, product, rhythm.days[-1]) or (None, None)
        if other:
            spoken_other = self.names[other]
            if spoken == spoken_other:
                spoken, spoken_other = f"{spoken} ({product})", f"{spoken_other} ({other})"
            since = f"it has bought {spoken_other} since, for the first time {self.ago(on)}"
        last = self.ago(rhythm.days[-1])
        sentence = f"This customer bought {spoken} {every(rhythm.interval)}, most recently {last}; {since}."
        return (
            customer, name, manager, rank, product, self.names[product], "replaced" if other else "lost", other,
            self.names.get(other), sentence, value, float(quantity), rhythm.days[-1], rhythm.since,
            float(rhythm.interval), rhythm.ratio, len(rhythm.days), on,
        )  # fmt: skip

    def white_spaces(self) -> dict[str, list[str]]:
        """customer -> departments still sold that at least half of its cluster buys in, and it does not."""
        departments = {customer: {self.l2[product] for product in basket} for customer, basket in self.baskets.items()}
        sold, found = {self.l2[product] for product in self.shown}, {}
        for customers in (some for group, some in self.members.items() if group[0] == "cluster" and len(some) >= 10):
            counts = Counter(department for customer in customers for department in departments[customer])
            usual = [
                department
                for department in sorted(counts, key=lambda one: (-counts[one], one))
                if department in sold and 2 * counts[department] >= len(customers)
            ]
            for customer in customers:
                if missing := [department for department in usual if department not in departments[customer]]:
                    found[customer] = missing
        return found

    def orders(self, customer: str) -> tuple:
        """State, days with an order, usual interval, days since the last, its date, and the sentence's start."""
        days = self.order_days.get(customer, [])
        if not days:
            return "never ordered", 0, None, None, None, "This customer has not ordered yet."
        since, last = (self.as_of - days[-1]).days, self.ago(days[-1])
        if len(days) == 1:
            return "new or rare", 1, None, since, days[-1], f"This customer has ordered on one day, {last}."
        interval = Fraction(median(Fraction((after - before).days) for before, after in pairwise(days)))
        words = f"This customer orders {every(interval)}; the last order was {last}."
        state = "silent"
        if len(days) == 2:
            state, words = "new or rare", f"This customer has ordered on two days, most recently {last}."
        elif since <= interval * 3 / 2:
            state = "on schedule"
        elif since <= interval * 3:
            state = "late"
        return state, len(days), float(interval), since, days[-1], words

    def turnover(self, customer: str, time: timedelta) -> Decimal:
        return sum(
            (
                quantity * self.prices[product]
                for product in self.baskets.get(customer, ())
                if product in self.prices
                for day, quantity in self.lines[customer][product]
                if day > self.as_of - time
            ),
            Decimal(0),
        )

    @cached_property
    def account_brief(self) -> list[tuple]:
        due, lost, five = defaultdict(list), defaultdict(list), defaultdict(list)
        for row in self.reorders_due:
            due[row[0]].append(row)
        for row in self.lost_products:
            lost[row[0]].append(row)
        for customer, _, product, rating, quantity, chance in sorted(self.five, key=lambda row: row[:2]):
            chance = CHANCE_OF_AN_OFFER if chance is None else Decimal(chance * 28 / 56).quantize(Decimal("1e-9"))
            five[customer].append((product, rating, self.value(product, quantity), chance))
        expected, margins = defaultdict(list), defaultdict(list)
        for (customer, product), (chance, value, quantity) in self.chances.items():
            if chance is not None:
                expected[customer].append(value or Decimal(0))
                margins[customer].append(self.margin(product, quantity))
        spaces, briefs = self.white_spaces(), []
        for customer, (name, manager) in self.customers.items():
            state, days, interval, since, last, words = self.orders(customer)
            reorders, gone, offers = due[customer], lost[customer], five[customer]
            values = [
                sum((value for value in column if value is not None), Decimal("0.00"))
                for column in ([row[9] for row in reorders], [row[10] for row in gone], [row[2] for row in offers])
            ]
            may_bring = cents(sum((chance * (value or 0) for *_, value, chance in offers), Decimal(0)))
            usual = cents(self.turnover(customer, SPANS * SPAN) / SPANS)
            coming = sum(expected[customer], Decimal(0)) if expected[customer] else max(usual, Decimal(0))
            known = [margin for margin in margins[customer] if margin is not None]
            top, offer = (reorders[0][4] if reorders else None), (offers[0][0] if offers else None)
            left = gone[0][4] if gone else None
            if len(reorders) == 1:
                words += f" It may reorder 1 product: {self.names[top]}."
            elif reorders:
                words += f" It may reorder {len(reorders)} products, most likely {self.names[top]}."
            if gone:
                which = f"s that it used to buy, mainly {self.names[left]}" if len(gone) > 1 else ""
                which = which or f" that it used to buy: {self.names[left]}"
                words += f" It no longer buys {len(gone)} product{which}."
            missing = spaces.get(customer, [])
            space = ", ".join(missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
            briefs.append(
                (
                    customer, name, self.cities[customer], manager, None, None, words, coming,
                    sum(known) if known else None, may_bring, usual, max(usual - coming, 0), state,
                    top, self.names.get(top), len(reorders), values[0],
                    offer, self.names.get(offer), len(offers), values[2],
                    sum(rating is None for _, rating, *_ in offers), left, self.names.get(left),
                    len(gone), sum(row[6] == "replaced" for row in gone), values[1],
                    space or None, len(missing), cents(self.turnover(customer, YEAR)), days, interval, last, since,
                )
            )  # fmt: skip
        for place, worth in ((4, lambda row: row[7] + row[9]), (5, lambda row: row[11])):
            ranks = defaultdict(int)
            for number, brief in sorted(enumerate(briefs), key=lambda one: (-worth(one[1]), one[1][0])):
                ranks[brief[3]] += 1
                briefs[number] = (*brief[:place], ranks[brief[3]], *brief[place + 1 :])
        return sorted(briefs, key=lambda brief: brief[0])
