"""What earlier days teach: how much each column says about a first purchase within the horizon.

Logistic regression on the candidates of some cut-offs. Columns are standardized as in learning to rank: inside the
customer's own candidates, because only their order counts (Liu, "Learning to Rank for Information Retrieval", 2009).
"""

from typing import NamedTuple

import numpy as np

from ipre.learning import LogisticRegression

from .candidates import Candidates
from .chance import Chance, learn_chance
from .examples import Examples, cut_off, cut_offs, described, examples
from .features import FEATURES, SIGNED
from .history import Market, Orders
from .signals import SIGNALS

# Days after an earlier date in which a first purchase counts, and that chances are about; the macro of this name says
# the same to SQL.
LEARNING_HORIZON_DAYS = 56
MOST_ROWS = 200_000
LEAST_POSITIVES = 2_000
# Customers whose candidates say how probable a purchase is.
MOST_CUSTOMERS = 10_000
NEWEST = 2
LARGEST = 6.0
WEIGHT_DECIMALS = 6
# The list's order: a model of the newest cut-offs, one of all of them, and two signals as they are.
BLEND = {"newest": 1.0, "all": 1.0, "cos_d": 0.5, "ease_d": 0.5}
WITHOUT_LEARNING = {"ease": 0.5, "ease_d": 0.5}


class Model(NamedTuple):
    """Two logistic regressions on scaled columns, and the scale. All arrays (26,)."""

    median: np.ndarray  # of a column's positive values
    deviation: np.ndarray  # inside the customers' lists
    all_features: np.ndarray  # coefficients
    signals_only: np.ndarray  # coefficients, 0 for what is no signal

    def strength(self, part: Candidates) -> np.ndarray:
        """Return the mean of both regressions, each standardized inside the customer's list."""
        scaled, lists = scaled_features(part, self.median, self.deviation), list_numbers(part.customer)
        one, other = (standardized(each @ scaled, lists) for each in (self.all_features, self.signals_only))
        return (one + other) / 2


class Ranker(NamedTuple):
    """What orders candidates. Without models (too little to learn from) the two EASE signals do."""

    models: dict[str, Model]
    blend: dict[str, float]
    chance: Chance | None
    told: dict[str, dict[str, float]]  # what it was learned from: cut-off -> rows, customers, first purchases

    def strength(self, part: Candidates) -> np.ndarray:
        """Return the blend, (candidates,), standardized inside the customer's list: larger is better."""
        lists, total = list_numbers(part.customer), np.zeros(len(part.customer))
        for name, weight in self.blend.items():
            model = self.models.get(name)
            term = model.strength(part) if model else part.features[FEATURES.index(name)].astype(np.float64)
            total += weight * standardized(term, lists)
        return np.round(standardized(total, lists), 9)


def train(orders: Orders, market: Market, day: int, horizon: int = LEARNING_HORIZON_DAYS) -> Ranker:
    """Learn from the orders up to `day`. Chances are of a purchase within `horizon` days."""
    days = cut_offs(int(orders.day.min(initial=day)), day, horizon)
    parts, told, newest, sample = [], {}, None, None
    for each in days:
        at = cut_off(orders, market, each, horizon)
        part = examples(at, market, MOST_ROWS // len(days))
        if newest is None:
            # Of everybody, also of those who bought nothing: a chance is a share of all who are shown a product.
            everybody = np.flatnonzero(at.known.active)
            first = np.argsort(market.sampling_order[everybody], kind="stable")[:MOST_CUSTOMERS]
            newest, sample = at.known, described(at, market, everybody[first])
        told[str(each)] = {
            "rows": len(part.label),
            "customers": len(np.unique(part.candidates.customer)),
            "first_purchases": int(part.label.sum()),
        }
        if part.label.any() and not part.label.all():
            parts.append(part)
    if sum(int(part.label.sum()) for part in parts) < LEAST_POSITIVES:
        return Ranker({}, WITHOUT_LEARNING, None, told)
    ranker = Ranker({"newest": fit(parts[:NEWEST]), "all": fit(parts)}, BLEND, None, told)
    return ranker._replace(chance=learn_chance(ranker.strength(sample.candidates), sample, newest))


def fit(parts: list[Examples]) -> Model:
    """Two logistic regressions on the examples of some cut-offs, every customer of the same weight."""
    median, deviation = learn_scale([part.candidates for part in parts])
    x = np.concatenate([scaled_features(part.candidates, median, deviation) for part in parts], axis=1).T
    y = np.concatenate([part.label for part in parts])
    weight = np.concatenate([customer_weights(part) for part in parts])

    def coefficients(columns: int) -> np.ndarray:
        regression = LogisticRegression(C=0.1, solver="newton-cholesky", max_iter=30)
        found = regression.fit(x[:, :columns], y, sample_weight=weight).coef_[0]
        return np.round(np.pad(found, (0, x.shape[1] - columns)), WEIGHT_DECIMALS)

    return Model(median, deviation, coefficients(x.shape[1]), coefficients(len(SIGNALS)))


def customer_weights(part: Examples) -> np.ndarray:
    """1 / first purchases among the customer's candidates, (candidates,), so that no big buyer outweighs the others."""
    lists = list_numbers(part.candidates.customer)
    return 1 / np.bincount(lists, part.label)[lists]


def list_numbers(customer: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... for the list of each customer; entries of a customer are together."""
    return np.cumsum(np.diff(customer, prepend=customer[:1]) != 0)


def list_means(values: np.ndarray, lists: np.ndarray) -> np.ndarray:
    """Return the mean of each entry's own list, at every entry. values: (entries,) or (columns, entries), float64."""
    starts = np.flatnonzero(np.diff(lists, prepend=-1))
    sizes = np.diff(starts, append=len(lists))
    return np.repeat(np.add.reduceat(values, starts, axis=-1) / sizes, sizes, axis=-1) if len(lists) else values


def standardized(values: np.ndarray, lists: np.ndarray) -> np.ndarray:
    """Mean 0 and deviation 1 inside each list; 0 where all values of a list are the same."""
    centred = values - list_means(values, lists)
    deviation = np.sqrt(list_means(centred**2, lists))
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 1e-12)


def centred_features(part: Candidates, median: np.ndarray) -> np.ndarray:
    """Return columns on a logarithmic scale, log(1 + x / median) where never below 0, less their mean in the list."""
    values = part.features.astype(np.float64)
    for name, column, middle in zip(FEATURES, values, median, strict=True):
        if name not in SIGNED:
            np.log1p(np.maximum(column, 0) / middle, out=column)
    values -= list_means(values, list_numbers(part.customer))
    return values


def learn_scale(parts: list[Candidates]) -> tuple[np.ndarray, np.ndarray]:
    """Medians of the positive values and deviations inside the lists, each (26,); 1 where there is none."""
    columns = np.concatenate([part.features for part in parts], axis=1).astype(np.float64)
    median = np.array([np.median(column[column > 0]) if (column > 0).any() else 1.0 for column in columns])
    deviation = np.concatenate([centred_features(part, median) for part in parts], axis=1).std(axis=1)
    return np.round(median, 9), np.round(np.where(deviation > 1e-9, deviation, 1.0), 9)


def scaled_features(part: Candidates, median: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Return columns less their mean in the customer's list, in deviations of the training set, at most LARGEST."""
    values = centred_features(part, median)
    values /= deviation[:, None]
    return np.clip(values, -LARGEST, LARGEST, out=values)
