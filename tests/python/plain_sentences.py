"""The sentences of the offers once more, in plain Python from the accepted rows: is each true, is it the strongest?

    python tests/python/plain_sentences.py warehouse/ipre.duckdb

counts every sentence of a built warehouse again, made with the default parameters, and for every hundredth customer
looks whether a stronger one was passed over. Taken from the warehouse are the accepted rows, the as-of date, the
clusters, and of the learned ranker the product that fits each candidate best.
"""

import math
import sys
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import duckdb
from plain_purchases import EVERYONE, Purchases, said

COLUMNS = (
    "customer_id, recommended_product, source, evidence, compared_with, triggered_by, supporting_customers,"
    " base_customers, confidence, support, reason, explanation"
)
STEPS = ("cluster", "segment", "all")
MIN_CUSTOMERS, MIN_SUPPORT, LOOKED_AT = 3, 0.05, 100


class Told(NamedTuple):
    """A true sentence in numbers."""

    evidence: str
    step: int
    trigger: str | None
    customers: int
    of: int


def two_decimals(ratio: float) -> str:
    """As people round: half up."""
    return str(Decimal(f"{ratio:.9f}").quantize(Decimal("0.01"), ROUND_HALF_UP))


class Sentences(Purchases):
    """What is true of one warehouse's customers and products."""

    def __init__(self, warehouse: str, **settings) -> None:
        super().__init__(warehouse, **settings)
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            self.rows = connection.execute(f"select {COLUMNS} from build.final_recommendations").fetchall()
            # What fits somebody's candidate best is counted for the whole group.
            self.fitting = defaultdict(set)
            if any(row[2] == "learned" for row in self.rows):
                fitting = connection.execute(
                    "select customers.customer_id, products.product_id, triggers.product_id"
                    " from helpers.learned_strengths join build.customer_numbers as customers using (customer_number)"
                    " join build.product_numbers as products using (product_number)"
                    " join build.product_numbers as triggers on trigger_number = triggers.product_number"
                )
                for customer, product, trigger in fitting.fetchall():
                    for group in self.groups(customer):
                        self.fitting[group, product].add(trigger)
        self.last = (self.as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
        self.lately, self.in_aisle = defaultdict(set), defaultdict(set)
        for customer, basket in self.baskets.items():
            for product in basket:
                self.in_aisle[self.aisles[product]].add(customer)
                days = self.purchase_days(customer, product)
                if any(self.last.replace(day=1) <= day <= self.last for day in days):
                    self.lately[product].add(customer)
        self.active = set().union(*self.lately.values())

    def count(self, customer: str, product: str, evidence: str, step: int, trigger: str | None) -> Told:
        """How many of the group it is true of, of how many."""
        members = self.members[self.groups(customer)[step]]
        buyers, base = self.buyers[EVERYONE][product], members
        if evidence == "bought_together":
            base = members & self.buyers[EVERYONE][trigger]
        elif evidence == "bought_lately":
            base, buyers = members & self.lately[trigger], self.lately[product]
        elif evidence == "same_aisle":
            base = members & self.in_aisle[self.aisles[product]]
        return Told(evidence, step, trigger, len(base & buyers), len(base))

    def last_bought(self, customer: str, product: str | None) -> date | None:
        products = [product] if product else self.baskets.get(customer, ())
        return max((max(self.purchase_days(customer, one)) for one in products), default=None)

    def words(self, row: tuple) -> tuple[str, str]:
        """Reason and explanation of a recommendation."""
        customer, product, source, evidence, compared, trigger, some, base, *_ = row
        a, b = self.names.get(trigger), self.names[product]
        if a == b:
            a, b = f"{a} ({trigger})", f"{b} ({product})"
        whom = {"cluster": "similar ", "segment": f"{self.segments[customer][1]} ", "all": ""}[compared] + "customers"
        counted = f"{some} of the {base} {whom}"
        ratios = f"(confidence {two_decimals(row[8])}, support {two_decimals(row[9])})"
        month = f" in {self.last:%B %Y}" if evidence == "bought_lately" else ""
        if evidence == "same_aisle":
            aisle = self.aisles[product][1]
            told = f"{counted} who buy from the category {aisle} bought {b}; this customer buys from it, too."
            return f"Category {aisle} → {b} {ratios}", told
        if trigger:
            ago = said(self.last_bought(customer, trigger), self.said_on)
            told = f"{counted} who bought {a}{month} also bought {b}{' that month' if month else ''}"
            return f"{a} → {b}{month} {ratios}", f"{told}; this customer bought {a} {ago}."
        assert source != "pinned", "write out what is said of pins before you count them"
        buy = (whom if compared != "all" else "all customers").replace("similar", "Similar").replace("all c", "All c")
        last = self.last_bought(customer, None)
        ago = f"'s last purchase was {said(last, self.said_on)}." if last else " has no purchases on record yet."
        share = f"({some} of {base}, share {two_decimals(row[9])})"
        return f"{buy} buy {b} {share}", f"{counted} bought {b}; this customer{ago}"

    def errors(self) -> list[str]:
        """What is wrong with the sentences, of all of them."""
        found = []
        for row in self.rows:
            customer, product, _, evidence, compared, trigger, some, base, confidence, support, *words = row
            told = self.count(customer, product, evidence, STEPS.index(compared), trigger)
            size = len(self.members[self.groups(customer)[told.step]])
            owns = trigger is None or trigger in self.baskets[customer]
            buys_there = evidence != "same_aisle" or customer in self.in_aisle[self.aisles[product]]
            if (some, base, confidence, support) != (*told[3:], some / base, some / size) or not (owns and buys_there):
                found.append(f"{row}: counted {told}, {size} in the group")
            elif tuple(words) != self.words(row):
                found.append(f"{row}: expected {self.words(row)}")
        return found

    def strongest(self, customer: str, product: str) -> Told:
        """The strongest sentence about a candidate of the learned ranker."""
        found = []
        for step, group in enumerate(self.groups(customer)):
            if not (size := len(self.members[group])):
                continue
            found.append(self.count(customer, product, "popular", step, None))
            if customer in self.in_aisle[self.aisles[product]]:
                found.append(self.count(customer, product, "same_aisle", step, None))
            for own in self.baskets.get(customer, ()):
                found.append(self.count(customer, product, "bought_lately", step, own))
                together = self.count(customer, product, "bought_together", step, own)
                is_rule = step == 0 and together.customers / size >= MIN_SUPPORT
                if is_rule or own in self.fitting[group, product]:
                    found.append(together)
        enough = [one for one in found if one.evidence == "popular" or one.customers >= MIN_CUSTOMERS]
        return min(enough, key=lambda one: self.order(product, one))

    def order(self, product: str, told: Told) -> tuple:
        """Sort key, the strongest first."""
        some, base = told.customers, told.of
        bound = (
            (some + 1.9208 - 1.96 * math.sqrt(some * (base - some) / base + 0.9604)) / (base + 3.8416) if some else 0
        )
        chance = len(self.buyers[EVERYONE][product]) / len(self.members[EVERYONE])
        if told.evidence == "bought_lately":
            chance = len(self.lately[product]) / len(self.active)
        lift = -bound / chance if chance else math.inf
        key = (told.evidence == "popular", lift, -some, told.step, told.evidence, told.trigger or "")
        return (some < MIN_CUSTOMERS, 5 * some < base, *key)

    def passed_over(self, every: int = LOOKED_AT) -> list[str]:
        """Sentences than which there is a stronger one, of every so many customers."""
        customers, found = set(sorted(self.customers)[::every]), []
        for row in self.rows:
            if row[2] == "learned" and row[0] in customers:
                strongest = self.strongest(row[0], row[1])
                if strongest != Told(row[3], STEPS.index(row[4]), *row[5:8]):
                    found.append(f"{row}: stronger is {strongest}")
        return found


def main(warehouse: str) -> int:
    """Say what is wrong; returns the exit status."""
    plain = Sentences(warehouse)
    wrong, passed_over = plain.errors(), plain.passed_over()
    print(
        f"{len(plain.rows):,} sentences, {len(wrong):,} of them wrong, {len(passed_over):,} stronger ones passed over"
    )
    for kind in sorted({(row[2], row[3]) for row in plain.rows}):
        rows = [row for row in plain.rows if (row[2], row[3]) == kind]
        weak = [sum(parts * row[6] < row[7] for row in rows) / len(rows) for parts in (5, 10)]
        print(f"{kind}: {len(rows):,}, fewer than one in five {weak[0]:.1%}, in ten {weak[1]:.1%}")
    print(*wrong[:3], *passed_over[:3], sep="\n")
    return min(len(wrong) + len(passed_over), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
