"""What was known on a day: who had bought what, how often, and how long ago."""

from typing import NamedTuple

import numpy as np
from scipy import sparse


class Orders(NamedTuple):
    """Orders with a positive quantity, one entry per invoice, customer and product, in any order."""

    customer: np.ndarray  # 0 ... customers - 1
    product: np.ndarray  # 0 ... products - 1
    day: np.ndarray  # whole days from any fixed day

    def until(self, day: int) -> "Orders":
        """Return those of that day and before."""
        known = self.day <= day
        return Orders(*(array[known] for array in self))


class Market(NamedTuple):
    """Customers and products by number."""

    segment: np.ndarray  # (customers,), 0, 1, 2 ...
    sampling_order: np.ndarray  # (customers,), 0, 1, 2 ...: who is taken first where not everybody is
    categories: tuple[np.ndarray, ...]  # L2 and L3 of the products, each (products,), 0, 1, 2 ...
    may_be_shown: np.ndarray  # (products,), bool
    excluded: sparse.csr_matrix | None = None  # (customers, products): what is never shown to a customer

    @property
    def shape(self) -> tuple[int, int]:
        """How many customers and products there are."""
        return len(self.segment), len(self.may_be_shown)


class History(NamedTuple):
    """All that was known at the end of a day. One stored entry per customer and product that were bought.

    Rows are customers, columns products; the entries of all matrices are in the same order.
    """

    day: int
    bought: sparse.csr_matrix  # 1
    orders: sparse.csr_matrix  # log(1 + orders)
    age: sparse.csr_matrix  # days since the last order, stored also where it is 0
    buyers: np.ndarray  # (products,): customers who bought it
    active: np.ndarray  # (customers,), bool: bought anything

    def decayed(self, half_life: float) -> sparse.csr_matrix:
        """1 for a pair bought today, halved every `half_life` days since its last order."""
        return with_data(self.bought, halved(self.age.data, half_life))

    def only(self, products: np.ndarray) -> "History":
        """Return the same with these products as columns, in this order. Customers who bought anything stay active."""
        matrices = (matrix[:, products] for matrix in (self.bought, self.orders, self.age))
        return History(self.day, *matrices, self.buyers[products], self.active)


def stored_rows(matrix: sparse.csr_matrix) -> np.ndarray:
    """Return the row of every stored entry."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def places_in(groups: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... inside each group of entries; groups: ascending numbers, none below 0."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.arange(len(groups)) - np.repeat(starts, np.diff(starts, append=len(groups)))


def is_among(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Whether each value is in an ascending array."""
    places = np.searchsorted(ascending, values)
    return np.append(ascending, -1)[places] == values


def with_data(matrix: sparse.csr_matrix, data: np.ndarray) -> sparse.csr_matrix:
    """Return a matrix with other entries in the same cells, float32."""
    return sparse.csr_matrix((data.astype(np.float32), matrix.indices, matrix.indptr), matrix.shape)


def halved(days: np.ndarray, half_life: float) -> np.ndarray:
    """1 for today, 1/2 after `half_life` days, float32."""
    return np.exp2(-days / half_life).astype(np.float32)


def history(orders: Orders, day: int, shape: tuple[int, int]) -> History:
    """Return what the orders up to and including `day` say. shape: (customers, products)."""
    known = orders.until(day)
    ages = day - known.day
    oldest = 1 + int(ages.max(initial=0))
    # One whole number each, so that one sort finds the pairs and their last orders.
    pairs, ages = np.divmod(
        np.sort((known.customer.astype(np.int64) * shape[1] + known.product) * oldest + ages), oldest
    )
    last = np.flatnonzero(np.diff(pairs, prepend=-1))
    counts = np.diff(last, append=len(pairs))
    customer, product = np.divmod(pairs[last], shape[1])
    starts = np.searchsorted(customer, np.arange(shape[0] + 1))

    def matrix(data: np.ndarray) -> sparse.csr_matrix:
        return sparse.csr_matrix((data.astype(np.float32), product.astype(np.int32), starts), shape)

    return History(
        day,
        matrix(np.ones(len(last))),
        matrix(np.log1p(counts)),
        matrix(ages[last]),
        np.bincount(product, minlength=shape[1]),
        np.diff(starts) > 0,
    )


def recent_buyers(orders: Orders, after: int, until: int, shape: tuple[int, int]) -> tuple[np.ndarray, int]:
    """Customers who bought each product after one day and until another, and how many bought anything then."""
    then = (orders.day > after) & (orders.day <= until)
    pairs = np.unique(orders.customer[then].astype(np.int64) * shape[1] + orders.product[then])
    return np.bincount(pairs % shape[1], minlength=shape[1]), len(np.unique(orders.customer[then]))


def first_purchases(orders: Orders, known: History, horizon: int) -> np.ndarray:
    """Return what customers with purchases bought for the first time in the `horizon` days after a history's day.

    Returns the pairs as customer * products + product, ascending.
    """
    products = known.bought.shape[1]
    then = (orders.day > known.day) & (orders.day <= known.day + horizon)
    pairs = np.unique(orders.customer[then].astype(np.int64) * products + orders.product[then])
    before = stored_rows(known.bought) * products + known.bought.indices
    return pairs[known.active[pairs // products] & ~is_among(pairs, before)]
