"""What all buying and rating rests on: the customers, the products, and the stream of chance."""

from typing import NamedTuple

import numpy as np

from demo_world.customers import People
from demo_world.products import Shelf


class Market(NamedTuple):
    """Customers in front of a shelf. Habits come from ``seed``; what happens once is drawn from ``rng``."""

    people: People
    shelf: Shelf
    seed: int
    rng: np.random.Generator

    def preferred(self, customer: np.ndarray, l3: np.ndarray, rank: np.ndarray) -> np.ndarray:
        """Return the product that a customer's region and trade prefer at this rank (0 = staple) of an L3 category."""
        region, trade = self.people.region[customer], self.people.trade[customer]
        return self.shelf.preference[region, trade, self.shelf.first[l3] + rank].astype(np.int64)

    def names(self, customer: np.ndarray, product: np.ndarray) -> dict[str, np.ndarray]:
        """Return the id columns of a table with these customers and products."""
        return {
            "customer_id": self.people.frame["customer_id"].to_numpy(dtype=object)[customer],
            "product_id": self.shelf.frame["product_id"].to_numpy(dtype=object)[product],
        }
