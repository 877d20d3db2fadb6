"""What happened after earlier days: candidates of a cut-off, and which of them were bought within the horizon."""

from typing import NamedTuple

import numpy as np

from .candidates import Candidates, candidates, joined
from .history import History, Market, Orders, first_purchases, is_among
from .signals import Signals, in_chunks, signals

# An early history says little of what customers want: before a cut-off are so many days and a quarter of all.
LEAST_DAYS, LEAST_SHARE = 60, 0.25


class Examples(NamedTuple):
    """Candidates at a cut-off, and whether each was bought for the first time within the horizon."""

    candidates: Candidates
    label: np.ndarray  # (candidates,) bool


class CutOff(NamedTuple):
    """An earlier day, what was known then, and the pairs that were bought for the first time in the days after it."""

    signals: Signals
    later: np.ndarray  # customer * products + product, ascending

    @property
    def known(self) -> History:
        """What was known on the day."""
        return self.signals.history


def cut_offs(first_day: int, last_day: int, horizon: int) -> list[int]:
    """Days to learn from, newest first, each with a whole horizon after it: 1, 2, 3 and 4 horizons ago, where the
    history is that long; with a year or less also 1 1/2."""
    horizons = (1, 1.5, 2, 3, 4) if last_day - first_day <= 365 else (1, 2, 3, 4)
    least = max(LEAST_DAYS, (last_day - first_day) * LEAST_SHARE)
    days = [last_day - int(each * horizon) for each in horizons]
    return [day for day in days if day - first_day >= least]


def cut_off(orders: Orders, market: Market, day: int, horizon: int) -> CutOff:
    """Return what was known on a day, and what came after it."""
    prepared = signals(orders, day, market)
    return CutOff(prepared, first_purchases(orders, prepared.history, horizon))


def examples(at: CutOff, market: Market, most_rows: int) -> Examples:
    """Return candidates of customers who bought one: whole customers in sampling order, at most `most_rows` rows."""
    buyers = np.unique(at.later // market.shape[1])
    buyers = buyers[np.argsort(market.sampling_order[buyers], kind="stable")]
    parts, free = [], most_rows
    for some in in_chunks(buyers, 500):
        part = described(at, market, some)
        useful = np.unique(part.candidates.customer[part.label])
        rows = np.bincount(part.candidates.customer, minlength=market.shape[0])[useful]
        order = np.argsort(market.sampling_order[useful], kind="stable")
        fits = np.cumsum(rows[order]) <= free
        kept = np.isin(part.candidates.customer, useful[order][fits])
        parts.append(Examples(part.candidates.where(kept), part.label[kept]))
        free -= int(kept.sum())
        if not fits.all():
            break
    parts = parts or [described(at, market, buyers)]
    found = joined([part.candidates for part in parts])
    return Examples(found, np.concatenate([part.label for part in parts]))


def described(at: CutOff, market: Market, customers: np.ndarray) -> Examples:
    """Return all candidates of these customers, ascending or not, with what became of them."""
    found = candidates(at.signals, market, np.sort(customers))
    label = is_among(found.customer * market.shape[1] + found.product, at.later)
    return Examples(found, label)
