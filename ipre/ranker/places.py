"""The best candidates of every customer, in the ranker's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .candidates import candidates
from .chance import customer_habits
from .history import Market, is_among, places_in
from .signals import Signals, in_chunks
from .training import Ranker

if TYPE_CHECKING:
    from .targets import Targets


class Places(NamedTuple):
    """One entry per customer and candidate kept, customers ascending; the unrated ones first, the best first."""

    customer: np.ndarray
    product: np.ndarray
    trigger: np.ndarray  # the owned product that goes best with it, or -1
    strength: np.ndarray
    chance: np.ndarray  # 0..1; NaN without a calibration

    def where(self, kept: np.ndarray) -> Places:
        """Return the entries at these positions."""
        return Places(*(array[kept] for array in self))


class Limit(NamedTuple):
    """How many products of one aisle a list may have."""

    aisle: np.ndarray  # (products,), 0, 1, 2 ...
    count: int


def best_places(
    signals: Signals,
    market: Market,
    ranker: Ranker,
    rated: np.ndarray,
    count: int,
    limit: Limit | None = None,
    targets: Targets | None = None,
) -> Places:
    """Return all rated candidates, and of the others the `count` best, of everybody who bought anything.

    rated: pairs as customer * products + product, ascending. Ties go to the product of more buyers, then of the lower
    number. targets: is shown all candidates.
    """
    active, habits, parts = np.flatnonzero(signals.history.active), customer_habits(signals.history), []
    # As many customers at once as have the columns of their candidates in the processor's own memory.
    for some in in_chunks(active, 500):
        part = candidates(signals, market, some)
        strength = ranker.strength(part)
        is_rated = is_among(part.customer * market.shape[1] + part.product, rated)
        chance = np.full(len(strength), np.nan)
        if ranker.chance:
            chance = ranker.chance.of(strength, habits[part.customer])
        order = np.lexsort((-strength, part.customer * 2 + is_rated))
        if limit:
            first = first_of_aisles(order, part.customer * 2 + is_rated, limit.aisle[part.product], limit.count)
            order = order[is_rated[order] | first]
        kept = order[is_rated[order] | (places_in(part.customer[order]) < count)]
        found = Places(part.customer, part.product, part.trigger, strength, chance)
        parts.append(found.where(kept))
        if targets:
            targets.add(found, is_rated, kept)
    return joined(parts)


def joined(parts: list[Places]) -> Places:
    """Return all entries of some parts."""
    none = np.empty(0, np.int64)
    return Places(*map(np.concatenate, zip(*parts, strict=True))) if parts else Places(none, none, none, none, none)


def first_of_aisles(order: np.ndarray, group: np.ndarray, aisle: np.ndarray, count: int) -> np.ndarray:
    """Whether each entry, in this order, is among the first `count` of its group and aisle."""
    key = (group * (aisle.max(initial=0) + 1) + aisle)[order]
    together = np.argsort(key, kind="stable")
    place = np.empty_like(key)
    place[together] = places_in(key[together])
    return place < count
