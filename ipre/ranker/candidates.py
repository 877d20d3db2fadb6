"""Which products are compared for each customer."""

from typing import NamedTuple

import numpy as np

from .features import FEATURES, OfChunk, features
from .history import Market, places_in, stored_rows
from .signals import Signals, in_chunks
from .similarity import largest

PER_SOURCE, PER_CUSTOMER = 50, 100


class Candidates(NamedTuple):
    """One entry per customer and candidate, customers ascending, inside each the product of most buyers first."""

    customer: np.ndarray
    product: np.ndarray
    trigger: np.ndarray  # the owned product that goes best with it, or -1
    features: np.ndarray  # (len(FEATURES), candidates), float32

    def where(self, kept: np.ndarray) -> "Candidates":
        """Return those for which `kept` (candidates,) is true."""
        return Candidates(*(array[..., kept] for array in self))


def candidates(signals: Signals, market: Market, customers: np.ndarray) -> Candidates:
    """Return candidates, never bought before, of these customers, ascending, all of whom bought something."""
    return joined([_of_chunk(signals, market, chunk) for chunk in in_chunks(customers)])


def joined(parts: list[Candidates]) -> Candidates:
    """Return the candidates of all parts."""
    none = np.empty(0, np.int64)
    parts = [Candidates(none, none, none, np.empty((len(FEATURES), 0), np.float32)), *parts]
    return Candidates(*(np.concatenate(arrays, axis=-1) for arrays in zip(*parts, strict=True)))


def _of_chunk(signals: Signals, market: Market, chunk: np.ndarray) -> Candidates:
    values = signals.of(chunk)
    open_ = open_products(signals, market, chunk)
    sources = [strongest(scores, open_) for scores in values.values()]
    sources.append(most_popular(signals.popular_lately, 1 + signals.segment[chunk], open_))
    row, column = choose(sources, open_.shape[1])
    described, trigger = features(signals, market, OfChunk(chunk, values, row, column))
    trigger = np.where(trigger >= 0, signals.products[trigger], -1)
    return Candidates(chunk[row], signals.products[column], trigger, described)


def open_products(signals: Signals, market: Market, chunk: np.ndarray) -> np.ndarray:
    """Return what customers of a chunk may be shown, (customers, columns) bool: never bought, and not excluded."""
    bought = signals.usable.bought[chunk]
    result = np.broadcast_to(market.may_be_shown[signals.products], bought.shape).copy()
    result[stored_rows(bought), bought.indices] = False
    if market.excluded is not None:
        excluded = market.excluded[chunk][:, signals.products]
        result[stored_rows(excluded), excluded.indices] = False
    return result


def strongest(scores: np.ndarray, open_: np.ndarray, count: int = PER_SOURCE) -> tuple[np.ndarray, ...]:
    """Return the `count` open columns of the largest scores above 0 of every row, as (row, column, rank 0, 1, 2 ...).

    scores: (rows, the first columns of open_); what is not open becomes 0. Ties go to the earlier column: the product
    of more buyers.
    """
    scores[~open_[:, : scores.shape[1]]] = 0
    return largest(scores, count)


def most_popular(
    by_share: np.ndarray, group: np.ndarray, open_: np.ndarray, count: int = PER_SOURCE
) -> tuple[np.ndarray, ...]:
    """Return the same by a share that all customers of a group have in common.

    by_share: (groups, columns), of each group the columns from the largest share down. group: (rows,).
    """
    # Before a customer's last position there are at most those that are excluded for it.
    reach = count + int((~open_).sum(axis=1).max(initial=0))
    order = by_share[group, :reach]
    free = np.take_along_axis(open_, order, axis=1)
    rank = np.cumsum(free, axis=1) - 1
    row, place = np.nonzero(free & (rank < count))
    return row, order[row, place], rank[row, place]


def choose(sources: list[tuple[np.ndarray, ...]], columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the union of what the sources name, of every row at most PER_CUSTOMER, by their best rank in any source.

    Equal ranks go to the earlier column. Returns rows and columns, both ascending.
    """
    row, column, rank = (np.concatenate(arrays) for arrays in zip(*sources, strict=True))
    # One whole number each, so that one sort finds the best rank of every pair.
    pairs, ranks = np.divmod(np.sort((row * columns + column) * PER_SOURCE + rank), PER_SOURCE)
    first = np.flatnonzero(np.diff(pairs, prepend=-1))
    row, column = np.divmod(pairs[first], columns)
    row, rest = np.divmod(np.sort((row * PER_SOURCE + ranks[first]) * columns + column), PER_SOURCE * columns)
    kept = places_in(row) < PER_CUSTOMER
    return np.divmod(np.sort(row[kept] * columns + rest[kept] % columns), columns)
