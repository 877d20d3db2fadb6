"""What customers bought and in what rhythms, in plain Python from the accepted rows of a warehouse."""

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import duckdb

YEAR = timedelta(days=365)
CENT, MILLIONTH = Decimal("0.01"), Decimal("0.000001")
NO_PRICE = 1e12
EVERYONE = ("overall",)
MIN_PURCHASES, MIN_INTERVAL_DAYS = 3, 7
PARAMETERS = {"min_reorder_chance": Decimal("0.1")}
DUE_FROM, LOST_FROM, LOST_MIN_DAYS = 0.8, 2, 90
CHANCE_OF_AN_OFFER = Decimal("0.01")


class Rhythm(NamedTuple):
    """How a customer buys a product."""

    days: list[date]
    interval: Fraction
    since: int

    @property
    def ratio(self) -> float:
        """Days since the last purchase in usual intervals."""
        return self.since / float(self.interval)

    @property
    def due(self) -> date:
        return self.days[-1] + timedelta(days=math.ceil(self.interval))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def said(day: date, said_on: date | None) -> str:
    """A day in words: from two months on, and of an export that is old, its month."""
    days = (said_on - day).days if said_on else 61
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago" if days <= 60 else f"in {day:%B %Y}")


class Purchases:
    """What the customers of one warehouse bought, and in what rhythms."""

    def __init__(
        self, warehouse: str, never_recommend: tuple[str, ...] = (), as_of: date | None = None, **parameters
    ) -> None:
        """as_of: an earlier day than that of the warehouse, of which neither clusters nor chances are known."""
        self.parameters = {**PARAMETERS, **parameters}
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            connection.execute("set schema = 'build'")

            def rows(query: str) -> list[tuple]:
                return connection.execute(query).fetchall()

            ((self.as_of, self.said_on),) = rows("select as_of_date, said_on from as_of")
            self.as_of = as_of or self.as_of
            self.customers = {
                key: texts
                for key, *texts in rows("select customer_id, customer_name, account_manager from customer_numbers")
            }
            products = rows(
                "select product_id, product_name, l2_category, l3_category, is_active, stock_on_hand, unit_cost, "
                "unit_price from stg_products"
            )
            self.clusters = dict(rows("select customer_id, (segment, cluster_id) from customer_clusters"))
            self.five = rows(
                "select customer_id, rank, recommended_product, rating, suggested_quantity, purchase_chance "
                "from final_recommendations"
            )
            # Made anew in test_reorder_chances.py.
            self.chances = {
                (customer, product): rest
                for customer, product, *rest in rows(
                    "select customer_id, product_id, reorder_chance, expected_value, "
                    "cast(expected_quantity as decimal(18, 4)) from reorder_chances "
                    "join customer_numbers using (customer_number) join product_numbers using (product_number)"
                )
            }
            self.cities = dict(rows("select customer_id, city from customer_numbers"))
            segments = rows("select customer_id, segment, region || ' ' || end_use from customer_numbers")
            self.segments = {customer: texts for customer, *texts in segments}
            lines = rows(
                "select customer_id, product_id, sum(quantity), invoice_date from stg_invoice_lines group by all"
            )
        self.names = {product: name for product, name, *_ in products}
        self.l2 = {product: l2 for product, _, l2, *_ in products}
        self.aisles = {product: (l2, l3) for product, _, l2, l3, *_ in products}
        self.shown = {
            product
            for product, *_, is_active, stock, _, _ in products
            if is_active and (stock is None or stock > 0) and product not in never_recommend
        }
        self.costs, self.prices = (
            {
                row[0]: Decimal(repr(row[column])).quantize(MILLIONTH, ROUND_HALF_UP)
                for row in products
                if row[column] is not None and row[column] < NO_PRICE
            }
            for column in (-2, -1)
        )
        # customer -> product -> (date, what was left of it that day), above 0 where it was bought.
        self.lines = defaultdict(lambda: defaultdict(list))
        for customer, product, quantity, day in lines:
            if day <= self.as_of:
                self.lines[customer][product].append((day, quantity))
        self.baskets = {
            customer: {product for product, bought in basket.items() if sum(quantity for _, quantity in bought) > 0}
            for customer, basket in self.lines.items()
        }
        self.order_days = {
            customer: sorted({day for bought in basket.values() for day, quantity in bought if quantity > 0})
            for customer, basket in self.lines.items()
        }
        # Group -> its customers with a basket; group -> product -> those of them who have it.
        self.members, self.buyers = defaultdict(set), defaultdict(lambda: defaultdict(set))
        for customer, basket in self.baskets.items():
            for group in self.groups(customer) if basket else ():
                self.members[group].add(customer)
                for product in basket:
                    self.buyers[group][product].add(customer)

    def groups(self, customer: str) -> tuple:
        """The customer's cluster, which is None without a basket, its segment and everyone, as `source` names them."""
        return ("cluster", self.clusters.get(customer)), ("segment", self.segments[customer][0]), EVERYONE

    @cached_property
    def rhythms(self) -> dict[tuple[str, str], Rhythm]:
        return {
            (customer, product): rhythm
            for customer, basket in self.baskets.items()
            for product in basket & self.shown
            if (rhythm := self.rhythm(self.purchase_days(customer, product))) is not None
        }

    def purchase_days(self, customer: str, product: str) -> dict[date, Fraction]:
        """What was kept of each day of which something was."""
        quantities = defaultdict(Fraction)
        for day, quantity in self.lines[customer][product]:
            quantities[day] += Fraction(quantity)
        return {day: quantity for day, quantity in sorted(quantities.items()) if quantity > 0}

    def rhythm(self, quantities: dict[date, Fraction]) -> Rhythm | None:
        days = list(quantities)
        if len(days) < MIN_PURCHASES:
            return None
        interval = Fraction(median(Fraction((after - before).days) for before, after in pairwise(days)))
        if interval < MIN_INTERVAL_DAYS:
            return None
        return Rhythm(days, interval, (self.as_of - days[-1]).days)

    def value(self, product: str, quantity) -> Decimal | None:
        price = self.prices.get(product)
        return None if price is None else cents(Decimal(quantity) * price)

    def margin(self, product: str, quantity) -> Decimal | None:
        price, cost = self.prices.get(product), self.costs.get(product)
        return None if price is None or cost is None else cents(Decimal(quantity) * (price - cost))
