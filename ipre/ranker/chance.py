"""How probable a first purchase within the horizon is: calibrated on what happened after the newest cut-off.

Platt scaling ("Probabilistic outputs for support vector machines", 1999) with what is known of the customer beside the
strength, because those who buy often are more likely to buy anything. It leaves the order of a list as it is.
"""

from typing import NamedTuple

import numpy as np

from ipre.learning import LogisticRegression

from .examples import Examples
from .history import History, places_in, stored_rows

COLUMNS = ("strength", "products", "days_since_last_order", "recent_products")
RECENT_DAYS = 56
# What no list will show need not be described well.
DEEPEST_PLACE = 20
WEIGHT_DECIMALS = 6


class Chance(NamedTuple):
    """A logistic regression on COLUMNS."""

    intercept: float
    coefficients: np.ndarray  # (4,)

    def of(self, strength: np.ndarray, habits: np.ndarray) -> np.ndarray:
        """Probability 0..1 of a purchase within the horizon. strength: (candidates,), habits: of their customers."""
        odds = self.intercept + np.column_stack([strength, habits]) @ self.coefficients
        return np.round(1 / (1 + np.exp(-odds)), 9)


def customer_habits(known: History) -> np.ndarray:
    """COLUMNS but the first, of every customer, (customers, 3): how much and how lately it buys, as logarithms.

    A customer without purchases has infinity for the days since its last order.
    """
    owned = np.diff(known.bought.indptr)
    rows = stored_rows(known.bought)
    last = np.full(len(owned), np.inf)
    np.minimum.at(last, rows, known.age.data)
    recent = np.bincount(rows, known.age.data <= RECENT_DAYS, len(owned))
    return np.log1p(np.column_stack([owned, last, recent]))


def learn_chance(strength: np.ndarray, sample: Examples, known: History) -> Chance | None:
    """Calibrate on the first positions of a sample of all customers' lists; None if these say nothing.

    strength: (candidates,), as the ranker computes it for the sample's candidates.
    """
    customer = sample.candidates.customer
    order = np.lexsort((-strength, customer))
    place = np.empty(len(order), np.int64)
    place[order] = places_in(customer)
    upper = place < DEEPEST_PLACE
    label = sample.label[upper]
    if not label.any() or label.all():
        return None
    regression = LogisticRegression(C=100, solver="newton-cholesky", max_iter=100)
    regression.fit(np.column_stack([strength[upper], customer_habits(known)[customer[upper]]]), label)
    found = np.round(regression.coef_[0], WEIGHT_DECIMALS)
    # A larger strength that meant a smaller chance would turn the list round.
    return Chance(round(float(regression.intercept_[0]), WEIGHT_DECIMALS), found) if found[0] > 0 else None
