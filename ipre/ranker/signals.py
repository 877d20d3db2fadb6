"""The eight signals: how strongly each product is indicated to a customer by what is known on a day."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse

from .history import History, Market, Orders, halved, history, recent_buyers, with_data
from .similarity import Neighbours, ease, neighbours

MIN_BUYERS = 3
# EASE inverts a matrix of products x products: of more products only those with most buyers take part.
EASE_PRODUCTS = 5_000
EASE_PENALTY, EASE_DECAYED_PENALTY, EASE_HALF_LIFE = 1000.0, 300.0, 56.0
COSINE_HALF_LIFE, COSINE_TARGET_HALF_LIFE = 60.0, 28.0
POPULARITY_HALF_LIFE = 28.0
# A segment's share is drawn to everybody's as if so many more customers had bought like all.
SEGMENT_SHRINKAGE = 20.0
SIGNALS = ("cos", "cos_d", "ease", "ease_d", "pop_g", "pop_s", "pop_d_g", "pop_d_s")
OF_PRODUCT = ("i_share28", "i_trend", "i_last")


class Signals(NamedTuple):
    """What is needed to compute the signals of any customers. Columns are the usable products, most bought first."""

    history: History
    products: np.ndarray  # (columns,): numbers of the products that MIN_BUYERS customers bought
    usable: History  # of these products alone, in the order of the columns
    neighbours: Neighbours
    cosines_decayed: sparse.csr_matrix
    ease: np.ndarray  # (e, e): of the first e columns
    ease_decayed: np.ndarray  # likewise
    popularity: np.ndarray  # (1 + segments, columns): of all, then of each segment
    popularity_decayed: np.ndarray  # likewise
    popular_lately: np.ndarray  # likewise: the columns from the largest decayed share down
    segment: np.ndarray  # (customers,)
    about_products: np.ndarray  # (columns, len(OF_PRODUCT))

    def of(self, customers: np.ndarray) -> dict[str, np.ndarray]:
        """Return cosine and EASE signals of these customers: (customers, columns), EASE's (customers, e), float32."""
        bought, orders, age = (
            matrix[customers] for matrix in (self.usable.bought, self.usable.orders, self.usable.age)
        )
        known = bought[:, : len(self.ease)]
        fading = with_data(bought, halved(age.data, EASE_HALF_LIFE))[:, : len(self.ease)]
        recent = with_data(bought, orders.data * halved(age.data, COSINE_HALF_LIFE))
        return {
            "cos": (orders @ self.neighbours.cosine).toarray(),
            "cos_d": (recent @ self.cosines_decayed).toarray(),
            "ease": known @ self.ease,
            "ease_d": fading @ self.ease_decayed,
        }


def signals(orders: Orders, day: int, market: Market) -> Signals:
    """Prepare the signals of a day. Later ones in `orders` are ignored."""
    known = history(orders, day, market.shape)
    numbers = np.flatnonzero(known.buyers >= MIN_BUYERS)
    numbers = numbers[np.lexsort((numbers, -known.buyers[numbers]))]
    usable = known.only(numbers)
    lately = popularity(usable.decayed(POPULARITY_HALF_LIFE), known.active, market.segment)
    return Signals(
        known,
        numbers,
        usable,
        neighbours(usable.bought, usable.bought),
        neighbours(usable.bought, usable.decayed(COSINE_TARGET_HALF_LIFE)).cosine,
        ease(usable.bought[:, :EASE_PRODUCTS], EASE_PENALTY),
        ease(usable.decayed(EASE_HALF_LIFE)[:, :EASE_PRODUCTS], EASE_DECAYED_PENALTY),
        popularity(usable.bought, known.active, market.segment),
        lately,
        most_first(lately),
        market.segment,
        product_features(orders, known)[numbers],
    )


def popularity(weights: sparse.csr_matrix, active: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """Share of customers who bought each product: row 0 of all who bought anything, row 1 + s of segment s, float32.

    weights: (customers, products), 1 for a pair or less for an old one. active: (customers,) bool. segment:
    (customers,). A segment's share is shrunk by SEGMENT_SHRINKAGE customers.
    """
    segments = int(segment.max(initial=0)) + 1
    customers = np.arange(len(segment))
    member = sparse.csr_matrix((np.ones(len(segment)), (segment, customers)), (segments, len(segment)))
    inside = (member @ weights.astype(np.float64)).toarray()
    overall = inside.sum(axis=0) / max(1, active.sum())
    sizes = np.bincount(segment, active, segments)[:, None]
    shares = (inside + SEGMENT_SHRINKAGE * overall) / (sizes + SEGMENT_SHRINKAGE)
    return np.round(np.vstack([overall, shares]), 9).astype(np.float32)


def most_first(shares: np.ndarray) -> np.ndarray:
    """Return the columns of every row from the largest share down, the earlier column on a tie: (groups, columns)."""
    return np.argsort(-shares, axis=1, kind="stable")


def in_chunks(customers: np.ndarray, height: int = 250) -> Iterator[np.ndarray]:
    """Yield the customers in groups whose arrays fit into memory that the process keeps.

    With larger arrays a third of the time is spent asking the system for new memory.
    """
    for start in range(0, len(customers), height):
        yield customers[start : start + height]


def product_features(orders: Orders, known: History) -> np.ndarray:
    """OF_PRODUCT of every product, (products, 3) float32.

    i_share28: buyers of the last 28 days / customers who bought anything then. i_trend: log((those + 2) / (buyers of
    the 28 days before + 2)). i_last: days since any customer bought it; if none did, since the first order.
    """
    day, shape = known.day, known.bought.shape
    now, active = recent_buyers(orders, day - 28, day, shape)
    before, _ = recent_buyers(orders, day - 56, day - 28, shape)
    past = orders.until(day)
    last = np.full(shape[1], past.day.min(initial=day))
    np.maximum.at(last, past.product, past.day)
    return np.column_stack([now / max(1, active), np.log((now + 2) / (before + 2)), day - last]).astype(np.float32)
