"""All lists once more, in plain Python from the accepted rows, without any other of the project's SQL.

Of the demo, and of a distributor made of what speed-ups get wrong: ties everywhere, heavy customers, tiny clusters,
many ratings, rhythms of every length. Only the K-Means labels are taken from the warehouse (what a cluster is worth is
tested in test_kmeans_clusters.py) and, for the lists of the day, the recommendations. What is said of learned offers:
test_backtest.py. Sets and loops instead of joins: slower, and easy to check against the definitions.
"""

import csv
import random
from collections import defaultdict
from datetime import date, timedelta
from functools import cache

import duckdb
import pytest
from conftest import built
from day_lists import DayLists
from input_files import write_files
from plain_purchases import EVERYONE, Purchases
from plain_sentences import Sentences

NEVER = ("P000", "P011")
MULTIPLIER = {"High": 1.2, "Medium": 1.0, "Low": 0.3}


def score(confidence, support, recency):
    return 0.5 * confidence + 0.3 * support + 0.2 * recency


class Recomputation(Purchases):
    """Rules, candidates and lists from what customers bought, and from the cluster of each."""

    def __init__(self, warehouse, per_aisle=None, **settings):
        super().__init__(warehouse, **settings)
        self.lists, self.overrides_of = cache(self.lists), cache(self.overrides_of)
        self.per_aisle = per_aisle  # places that one L3 category of an L2 category may take in a list
        self.days = {
            (customer, product): (self.as_of - max(self.purchase_days(customer, product))).days
            for customer, basket in self.baskets.items()
            for product in basket
        }
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            # The later row of one date comes later.
            rated = "select customer_id, product_id, rating from build.stg_ratings order by rated_on, row_number"
            self.ratings = {tuple(pair): rating for *pair, rating in connection.execute(rated).fetchall()}
            rows = connection.execute("select * from build.stg_overrides order by row_number")
            names = [name for name, *_ in rows.description]
            self.overrides = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        self.rules = {group: self.rules_of(group) for group in self.members if group[0] == "cluster"}

    def rules_of(self, cluster):
        size, buyers, rules = len(self.members[cluster]), self.buyers[cluster], {}
        frequent = [product for product, customers in buyers.items() if len(customers) >= 3]
        for a in frequent:
            for b in frequent:
                both = len(buyers[a] & buyers[b])
                if a != b and both >= 3 and both / size >= 0.05:
                    rules.setdefault(a, {})[b] = (len(buyers[a]), both, size)
        return rules

    def candidates(self, customer, steps=None):
        """product -> (step of the filling order, source, trigger, both, base, confidence, support, recency).

        steps: how many groups of popular products, all without it.
        """
        basket = self.baskets.get(customer, set())
        groups, found, keys = self.groups(customer), {}, {}
        for a in basket:
            for b, (with_a, both, size) in self.rules[groups[0]].get(a, {}).items():
                confidence, support, recency = both / with_a, both / size, 1 / (1 + self.days[customer, a])
                key = (-score(confidence, support, recency), -confidence, -support, a)
                if b not in basket and not self.is_hidden(customer, b) and (b not in keys or key < keys[b]):
                    keys[b] = key
                    found[b] = (0, "association", a, both, with_a, confidence, support, recency)
        recency = self.recency(customer)
        for step, group in enumerate(groups[:steps], start=1):
            # Of everybody's products those that nobody bought, too.
            for product in self.names if group == EVERYONE else self.buyers[group]:
                count, size = len(self.buyers[group].get(product, ())), len(self.members[group])
                if product not in basket and product not in found and not self.is_hidden(customer, product):
                    share = count / size if size else 0.0
                    found[product] = (step, f"{group[0]}_popularity", None, count, size, share, share, recency)
        return found

    def recency(self, customer):
        """That of the customer's last purchase of anything."""
        basket = self.baskets.get(customer)
        return 1 / (1 + min(self.days[customer, product] for product in basket)) if basket else 0.0

    def pins(self, customer):
        """The same of what is put first, in the order of the overrides, with the numbers of a popular product."""
        basket, found, recency = self.baskets.get(customer, ()), {}, self.recency(customer)
        for product in (row["product_id"] for row in self.overridden("pin", customer)):
            if product not in basket and product not in found and not self.is_hidden(customer, product):
                group = next(g for g in self.groups(customer) if self.buyers[g].get(product) or g == EVERYONE)
                count, size = len(self.buyers[group].get(product, ())), len(self.members[group])
                found[product] = (-1, "pinned", None, count, size, count / size, count / size, recency)
        return found

    def overrides_of(self, customer):
        """The overrides that hold today for a customer, whatever they say of products."""
        wanted = {"customer_id": customer, "account_manager": self.customers[customer][1]}
        return [
            row
            for row in self.overrides
            if (row["valid_from"] or date.min) <= self.as_of <= (row["valid_until"] or date.max)
            and all(row[name] in (None, text) for name, text in wanted.items())
        ]

    def overridden(self, action, customer, product=None):
        """The overrides that hold for a customer, and for a product where one is given."""
        for row in self.overrides_of(customer):
            l2, l3 = self.aisles[product] if product else (None, None)
            named = {"product_id": product, "l2_category": l2, "l3_category": l3}
            if row["action"] == action and (not product or all(row[name] in (None, named[name]) for name in named)):
                yield row

    def is_hidden(self, customer, product):
        return product not in self.shown or any(self.overridden("exclude", customer, product))

    def lists(self, customer):
        """The customer's list before and after feedback, as rows in the order of their ranks."""
        candidates = self.candidates(customer) | self.pins(customer)
        return [self.fill(customer, candidates, with_feedback) for with_feedback in (False, True)]

    def targets(self):
        """product -> its fifty best customers, as rows in the order of their ranks."""
        found = defaultdict(list)
        for customer in self.customers:
            nearest = self.candidates(customer, steps=1) if self.baskets.get(customer) else {}
            for product, (step, source, trigger, *numbers) in (nearest | self.pins(customer)).items():
                rating = self.ratings.get((customer, product))
                confidence, support, _ = numbers[2:]
                before, factor = score(*numbers[2:]), MULTIPLIER.get(rating, 1.0)
                if rating is None or step < 0 or before * factor >= 0.1:
                    strength = (support if step > 0 else before) * factor
                    order = (step, -strength, -before, -confidence, -support, customer)
                    found[product].append((order, (customer, before * factor, rating, source, trigger, *numbers)))
        return {product: [row for _, row in sorted(rows)[:50]] for product, rows in found.items()}

    def fill(self, customer, candidates, with_feedback):
        steps, pins = defaultdict(list), list(self.pins(customer))
        for product, (step, *rest) in candidates.items():
            steps[step].append((product, *rest))
        places, in_aisle = [], defaultdict(int)
        for step in sorted(steps):
            if len(places) == 5:
                break
            rows = []
            for product, source, trigger, both, base, confidence, support, recency in steps[step]:
                rating = self.ratings.get((customer, product)) if with_feedback else None
                before = score(confidence, support, recency)
                after = before * MULTIPLIER.get(rating, 1.0)
                if rating is None or step < 0 or after >= 0.1:
                    # Pins stand in the order of the overrides.
                    order = (pins.index(product) if step < 0 else 5, -after, -before, -confidence, -support, product)
                    row = (product, after, before, rating, source, trigger, both, base, confidence, support, recency)
                    rows.append((order, row))
            for order, row in sorted(rows):
                aisle = self.aisles[row[0]]
                if len(places) < 5 and (row[4] == "pinned" or in_aisle[aisle] < (self.per_aisle or 5)):
                    in_aisle[aisle] += 1
                    places.append((order, row))
        return [row for _, row in sorted(places)]


def hard_cases(folder):
    """Input files with few different last dates, baskets of 1 to 130 products, segments of 3 to 90 customers.

    A third of the customers is rated, on owned, shown and unknown products, some of them twice on one day. Half of them
    come back, in rhythms of every length, with fractions. Every thirteenth product is discontinued, two of seventeen
    are out of stock, some lack a price or a cost or share a name. Much is returned, also on the day itself by a
    document of its own. Some customers and products were replaced, some of those that took over as well.
    """
    draw = random.Random(11)
    segments = {"North_Painting": 90, "North_Roofing": 14, "South_Painting": 3}
    customers = [["customer_id", "customer_name", "region", "end_use", "account_manager", "replaced_by"]]
    for segment, count in segments.items():
        customers += [
            [
                *(f"{segment}{number:02}", f"Firm {number}", *segment.split("_"), ["Kim", "Lee", ""][number % 3]),
                f"{segment}{number + 1:02}" if number % 30 in (7, 8) else "",
            ]
            for number in range(count)
        ]
    products = [["product_id", "product_name", "l2_category", "l3_category", "unit_price", "unit_cost"]]
    products[0] += ["active", "replaced_by", "stock_on_hand"]
    products += [
        [
            *(f"P{number:03}", f"Part {number // 2}", f"L{number % 5}", f"A{number % 12}"),
            # 1e300 is no price that anybody asks.
            *(["", "0.335", "12.5", "3", "1e300", "7"][number % 6], "" if number % 3 else "2.5"),
            *("no" if number % 13 == 5 else "yes", f"P{number + 5:03}" if number in (30, 35, 71) else ""),
            {3: "0", 9: "-2", 11: "", 14: "0.5"}.get(number % 17, "12"),
        ]
        for number in range(160)
    ]
    invoices = [["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"]]
    feedback = [["customer_id", "product_id", "rating", "rated_at"]]
    days = ["2023-12-15", "2024-02-20", "2024-05-01", "2024-05-02", "2024-05-30"]
    for number, (customer, *_) in enumerate(customers[1:]):
        size = draw.randrange(50, 130) if number % 6 == 0 else draw.randrange(0, 9)
        # Two of five categories most of the time, so that there is something to cluster.
        own = [p for p in range(160) if p % 5 in (number % 5, (number + 1) % 5) or draw.random() < 0.3]
        basket = {own[int(len(own) * draw.random() ** 2)] for _ in range(size)}
        for line, product in enumerate(sorted(basket)):
            invoice, day = f"I{number}-{line // 3}", draw.choice(days)
            invoices.append([invoice, customer, f"P{product:03}", str(draw.randrange(1, 3)), day])
            if draw.random() < 0.1:
                invoices.append([invoice, customer, f"P{product:03}", str(draw.choice([-2, -1, 3])), day])
            if draw.random() < 0.1:
                invoices.append([f"C{invoice}", customer, f"P{product:03}", str(draw.choice([-2, -1, 3])), day])
            step, times = draw.choice([5, 7, 10, 21, 45, 90]), draw.randrange(2, 9) if number % 4 < 2 else 0
            for back in range(1, times):
                earlier = date.fromisoformat(day) - timedelta(days=step * back + draw.randrange(-2, 3))
                quantity = draw.choice(["1", "4", "0.5", "2.25"])
                invoices.append([f"E{number}-{earlier}", customer, f"P{product:03}", quantity, str(earlier)])
        if number % 3 == 0:
            for product in draw.sample(range(160), 25):
                for _ in range(draw.choice([1, 1, 1, 2])):
                    feedback.append([customer, f"P{product:03}", draw.choice(list(MULTIPLIER)), "2024-05-10"])
    return write_files(folder, customers=customers, products=products, invoices=invoices, feedback=feedback)


def hard_overrides(folder, customers):
    """Overrides of every kind; much is hidden from many, and pins are of what is owned, hidden or of one aisle."""
    draw = random.Random(12)
    names = ["action", "customer_id", "account_manager", "product_id", "l3_category", "l2_category", "valid_from"]
    names.append("valid_until")
    rows = [
        {"action": "exclude", "product_id": "P003"},
        {"action": "Exclude", "l3_category": "A7", "l2_category": "L2"},
        {"action": "exclude", "account_manager": "Kim", "l2_category": "L1"},
        {"action": "exclude", "account_manager": "Lee", "product_id": "P010", "valid_until": "2024-05-30"},
        {"action": "exclude", "product_id": "P020", "valid_until": "2024-05-29"},
        {"action": "exclude", "product_id": "P021", "valid_from": "2024-05-31"},
        {"action": "pin", "account_manager": "Lee", "product_id": "P044"},
        {"action": "pin", "product_id": "P003"},
        {"action": "pin", "product_id": "P150", "valid_from": "2024-05-30"},
    ]
    for number, customer in enumerate(customers):
        if number % 4 == 0:
            for _ in range(draw.choice([1, 10, 40])):
                rows.append({"action": "exclude", "customer_id": customer, "product_id": f"P{draw.randrange(160):03}"})
        if number % 9 == 0:
            aisles = [f"A{aisle}" for aisle in draw.sample(range(12), 4)]
            rows += [{"action": "exclude", "customer_id": customer, "l3_category": aisle} for aisle in aisles]
        if number % 5 == 0:
            for product in draw.sample(range(160), draw.choice([1, 2, 8])):
                rows.append({"action": "pin", "customer_id": customer, "product_id": f"P{product:03}"})
        if number == 7:
            rows.append({"action": "exclude", "customer_id": customer})
    table = [names, *([row.get(name, "") for name in names] for row in rows)]
    return write_files(folder, customers=None, products=None, invoices=None, overrides=table)


PER_AISLE = {"demo": None, "hard cases": None, "overridden, two of an aisle": 2}


@pytest.fixture(scope="module", params=PER_AISLE)
def case(request):
    """A distributor, and how many of an aisle its lists may hold."""
    return request.param


@pytest.fixture(scope="module")
def world(case, request, tmp_path_factory):
    """A finished build."""
    if case == "demo":
        return request.getfixturevalue("demo_build")
    folder = tmp_path_factory.mktemp("hard_cases")
    few = {"min_customers_per_cluster": 5, "max_per_l3_category": PER_AISLE[case] or 0}
    few["never_recommend"] = [*NEVER, "it's"]  # A quote is no end of a text.
    data = hard_cases(folder / "data")
    if "overridden" in case:
        with (data / "customers.csv").open() as file:
            hard_overrides(data, [row["customer_id"] for row in csv.DictReader(file)])
    build = built(folder / "build", "run", data_dir=data, variables=few)
    # What is to be proved right must take part.
    assert build.rows("select count(*) > 10 from score_floors", schema="helpers") == [(True,)]
    assert build.rows("select count(rating) > 20 from final_recommendations") == [(True,)]
    assert build.rows("select min(customer_count) < 5, count(*) > 8 from cluster_profiles") == [(True, True)]
    return build


@pytest.fixture(scope="module")
def settings(case):
    return {} if case == "demo" else {"never_recommend": NEVER}


@pytest.fixture(scope="module")
def plain(world, case, settings):
    return Recomputation(world.warehouse, PER_AISLE[case], **settings)


@pytest.fixture(scope="module")
def sample(plain):
    """Every customer without purchases, and many of the rated and the unrated ones; all of a small distributor."""
    if len(plain.customers) < 1000:
        return sorted(plain.customers)
    rated = {customer for customer, _ in plain.ratings}
    without_basket = [customer for customer in plain.customers if not plain.baskets.get(customer)]
    return sorted({*without_basket, *sorted(rated)[::12], *sorted(set(plain.customers) - rated)[::40]})


@pytest.mark.parametrize(
    ("place", "table", "of_ratings"),
    [(0, "recommendations", "score, null"), (1, "final_recommendations", "original_score, rating")],
)
def test_lists_before_and_after_feedback_are_these(world, plain, sample, place, table, of_ratings):
    """Their quantities: a unit test in models/lists."""
    found = defaultdict(list)
    for customer, *row in world.rows(
        f"select customer_id, recommended_product, score, {of_ratings}, source, triggered_by, supporting_customers,"
        f" base_customers, confidence, support, recency from {table} order by customer_id, rank"
    ):
        found[customer].append(tuple(row))
    for customer in sample:
        assert found[customer] == plain.lists(customer)[place], customer


def test_the_targets_of_every_product_are_these(world, plain):
    found = defaultdict(list)
    for product, *row in world.rows(
        "select product_id, customer_id, score, rating, source, triggered_by, supporting_customers, base_customers,"
        " confidence, support, recency from product_targets order by product_id, rank"
    ):
        found[product].append(tuple(row))
    expected = plain.targets()
    assert found.keys() == expected.keys()
    for product, rows in expected.items():
        assert found[product] == rows, product


@pytest.mark.parametrize("case", ["demo", "hard cases"], indirect=True, scope="module")
def test_every_row_and_column_of_the_lists_of_the_day_is_this(world, settings):
    plain = DayLists(world.warehouse, **settings)
    for table in ("reorders_due", "lost_products", "account_brief"):
        rows = world.rows(f"select * from {table} order by customer_id{'' if table == 'account_brief' else ', rank'}")
        assert len(rows) > 20
        assert rows == getattr(plain, table), table


@pytest.mark.parametrize("case", ["hard cases"], indirect=True, scope="module")
def test_the_cases_that_lists_of_the_day_get_wrong_take_part(world):
    """Of so few customers nothing is learned: their pairs have no chance, and the order is that of purchase days."""

    def values(query):
        return {value for (value,) in world.rows(query)}

    assert values("select count(reorder_chance) from reorder_chances") == {0}
    assert values("select value from reorder_weights where name = 'learned'") == {0}
    assert values("select distinct kind from lost_products") == {"lost", "replaced"}
    assert values("select distinct suggested_value is null from reorders_due") == {True, False}
    assert values("select distinct sign(days_overdue) from reorders_due") == {-1, 0, 1}
    assert len(values("select distinct order_state from account_brief")) >= 4
    assert values("select max(white_space_count) > 0 from account_brief") == {True}
    assert values("select bool_or(usual_interval_days % 1 = 0.5) from reorders_due") == {True}
    assert values("select count(distinct account_manager) from account_brief where call_rank = 1") == {2}
    assert values("select count(*) from account_brief where call_rank = 1") == {3}


@pytest.mark.parametrize("case", ["hard cases"], indirect=True, scope="module")
def test_what_is_said_of_every_recommendation_is_true_and_in_these_words(world, settings):
    assert Sentences(world.warehouse, **settings).errors() == []
