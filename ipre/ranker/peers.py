"""The methods that a back-test compares with, as the literature has them.

popular: the share of customers who bought it. popular_lately: the same, halved every 28 days since.
popular_in_segment: the share in the customer's own segment, shrunk. item_knn_decay: cosines of products, with what was
bought lately counting more (Deshpande & Karypis 2004; the decay after Ding & Li 2005). ease: Steck 2019, penalty 1,000.
ease_decay: the same on purchases that are halved every 56 days, penalty 100.
"""

import numpy as np

from .candidates import most_popular, open_products, strongest
from .history import Market, halved, with_data
from .signals import EASE_HALF_LIFE, Signals, in_chunks, most_first
from .similarity import ease

EASE_DECAY_PENALTY = 100.0


def peer_lists(
    signals: Signals, market: Market, customers: np.ndarray, places: int
) -> dict[str, tuple[np.ndarray, ...]]:
    """Return each peer's list of these customers: method -> arrays (customer, product, rank 1, 2 ...)."""
    found: dict[str, list] = {}
    decayed = ease(signals.usable.decayed(EASE_HALF_LIFE)[:, : len(signals.ease)], EASE_DECAY_PENALTY)
    popular = most_first(signals.popularity)
    for chunk in in_chunks(customers):
        open_, values = open_products(signals, market, chunk), signals.of(chunk)
        age = signals.usable.age[chunk]
        everyone, own = np.zeros(len(chunk), int), 1 + signals.segment[chunk]
        fading = with_data(age, halved(age.data, EASE_HALF_LIFE))[:, : len(decayed)]
        lists = {
            "popular": most_popular(popular, everyone, open_, places),
            "popular_lately": most_popular(signals.popular_lately, everyone, open_, places),
            "popular_in_segment": most_popular(popular, own, open_, places),
            "item_knn_decay": strongest(values["cos_d"], open_, places),
            "ease": strongest(values["ease"], open_, places),
            "ease_decay": strongest(fading @ decayed, open_, places),
        }
        for method, (row, column, rank) in lists.items():
            found.setdefault(method, []).append((chunk[row], signals.products[column], rank + 1))
    return {method: tuple(map(np.concatenate, zip(*parts, strict=True))) for method, parts in found.items()}
