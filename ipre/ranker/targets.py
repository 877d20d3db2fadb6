"""The other way round: the best customers for every product, in the order of their chances."""

import numpy as np

from .history import places_in
from .places import Places, joined


class Targets:
    """The unrated candidates of every product that are likeliest to be bought, taken chunk by chunk of customers."""

    # Entries from which on what fell behind is let go of; twice what is left then, if that is more.
    ENOUGH = 1_000_000

    def __init__(self, products: int, count: int, hidden: np.ndarray) -> None:
        """count: how many customers each product is offered to; hidden: (customers,) bool, who is never a target."""
        self.count, self.hidden = count, hidden
        self.parts: list[tuple[Places, np.ndarray, np.ndarray]] = []
        self.enough = self.ENOUGH
        # The lowest value of the last position of a product.
        self.floor = np.full(products, -np.inf)

    def add(self, found: Places, is_rated: np.ndarray, kept: np.ndarray) -> None:
        """Take all candidates of some customers. kept: positions of those that their own lists keep."""
        # Where no chance is known the score counts, strength beside the customer's best.
        value = np.where(np.isnan(found.chance), found.strength - best_of_customers(found, is_rated), found.chance)
        is_kept = np.zeros(len(value), bool)
        is_kept[kept] = True
        able = np.flatnonzero(~is_rated & ~self.hidden[found.customer] & (value >= self.floor[found.product]))
        self.parts.append((found.where(able), value[able], is_kept[able]))
        if sum(len(value) for _, value, _ in self.parts) > self.enough:
            self.cut()

    def cut(self) -> None:
        """Keep as many customers of every product as it may have."""
        values, is_kept = (np.concatenate([part[column] for part in self.parts]) for column in (1, 2))
        found = joined([part[0] for part in self.parts])
        order = np.lexsort((found.customer, -values, found.product))
        place = places_in(found.product[order])
        last = order[place == self.count - 1]
        self.floor[found.product[last]] = values[last]
        order = order[place < self.count]
        self.parts = [(found.where(order), values[order], is_kept[order])]
        self.enough = max(self.ENOUGH, 2 * len(order))

    def others(self) -> Places:
        """Return those that no customer's own list keeps, by product and position."""
        if not self.parts:
            return joined([])
        self.cut()
        [(found, _, is_kept)] = self.parts
        return found.where(np.flatnonzero(~is_kept))


def best_of_customers(found: Places, is_rated: np.ndarray) -> np.ndarray:
    """Return the strength of the best unrated candidate of each entry's customer; of none, the entry's own."""
    best = np.full(found.customer.max(initial=-1) + 1, -np.inf)
    np.maximum.at(best, found.customer[~is_rated], found.strength[~is_rated])
    best = best[found.customer]
    return np.where(np.isinf(best), found.strength, best)
