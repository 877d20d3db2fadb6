"""The products, and which of them each region and trade prefers."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from demo_world.chance import apportion, habit, ids
from demo_world.world import CATALOGUE, REGIONS, TRADES, Category

# When a catalogue larger than brand x kind x option is asked for, the same articles come in further packs.
PACKS = (("", 1.0), ("2-Pack", 1.9), ("Contractor Pack", 4.5), ("Pro Series", 1.25), ("Case of 6", 5.4))
PRICE_ENDINGS = (0.99, 0.49, 0.97, 0.98, 0.79, 0.99, 0.29, 0.95)
# Chance of the 1st, 2nd, 3rd choice of the region and trade inside an L3 category; the rest is a Zipf tail.
STAPLE_SHARES = (0.73, 0.11, 0.05)


class Shelf(NamedTuple):
    """The products as arrays, one entry a product, grouped by L3 category."""

    frame: pd.DataFrame
    category: np.ndarray  # index into CATALOGUE
    first: np.ndarray  # per L3: position of its first product
    size: np.ndarray  # per L3: number of products
    preference: np.ndarray  # (regions, trades, products): within the L3's slice, the staple stands first


def make_products(count: int, seed: int) -> Shelf:
    """Return the catalogue: ``count`` products over all L3 categories."""
    weights = np.array([min(max(category.capacity, 40), 90) for category in CATALOGUE], dtype=np.float64)
    size = 1 + apportion(weights, count - len(CATALOGUE))
    variants = [
        variant
        for index, category in enumerate(CATALOGUE)
        for variant in _variants(category, index, int(size[index]), seed + 11)
    ]
    names, prices, brands = zip(*variants, strict=True)
    code = np.repeat(np.arange(len(CATALOGUE)), size)
    frame = pd.DataFrame(
        {
            "product_id": ids("P", count, 5),
            "product_name": names,
            "l2_category": np.array([c.l2 for c in CATALOGUE], dtype=object)[code],
            "l3_category": np.array([c.l3 for c in CATALOGUE], dtype=object)[code],
            "unit_price": np.array(prices, dtype=np.float64),
        }
    )
    return Shelf(frame, code, np.cumsum(size) - size, size, _preferences(code, np.array(brands), seed))


def _variants(category: Category, index: int, count: int, salt: int) -> list[tuple[str, float, int]]:
    """``count`` different (name, price in dollars, brand) of one L3 category, in catalogue order."""
    chosen: list[tuple[int, int]] = []  # (combination, how often it was there before)
    generation = 0
    while len(chosen) < count:
        order = np.argsort(habit(salt, index, generation, np.arange(category.capacity)), kind="stable")
        chosen += [(int(combination), generation) for combination in order[: count - len(chosen)]]
        generation += 1
    return [_variant(category, index, combination, generation, salt) for combination, generation in sorted(chosen)]


def _variant(category: Category, index: int, combination: int, generation: int, salt: int) -> tuple[str, float, int]:
    """Name, price and brand of one combination; a later generation is another pack, then another model."""
    brand, rest = divmod(combination, len(category.kinds) * len(category.options))
    kind, option = divmod(rest, len(category.options))
    name = f"{category.brands[brand]} {category.kinds[kind]}, {category.options[option]}"
    pack, factor = PACKS[generation % len(PACKS)]
    if pack:
        name += f", {pack}"
    if generation >= len(PACKS):
        name += f", Model {category.brands[brand][0]}{100 * (generation // len(PACKS)) + combination}"
    level = (
        0.50 * kind / max(1, len(category.kinds) - 1)
        + 0.28 * option / max(1, len(category.options) - 1)
        + 0.12 * brand / max(1, len(category.brands) - 1)
        + 0.10 * float(habit(salt + 1, index, combination, generation))
    )
    low, high = category.price
    price = low * (high / low) ** level * factor
    ending = PRICE_ENDINGS[int(habit(salt + 2, index, combination, generation) * len(PRICE_ENDINGS))]
    price = max(np.floor(price), 0.0) + ending if price < 200 else np.floor(price / 10) * 10 + 9
    return name, round(float(price), 2), brand


def _preferences(category: np.ndarray, brand: np.ndarray, seed: int) -> np.ndarray:
    """Shelf.preference: what a region likes is mostly brands, what a trade likes single products."""
    product = np.arange(len(category))
    national = habit(seed + 21, product)
    ranks = np.empty((len(REGIONS), len(TRADES), len(product)), dtype=np.int32)
    for region in range(len(REGIONS)):
        local = habit(seed + 22, region, category, brand)
        for trade in range(len(TRADES)):
            appeal = local + 0.7 * national + 0.25 * habit(seed + 23, trade, product)
            ranks[region, trade] = np.lexsort((product, -appeal, category))
    return ranks


def preference_rank(size: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Rank (0 = staple) in an L3 category of ``size`` products: the staples, then a Zipf tail."""
    head = len(STAPLE_SHARES)
    cumulative = np.cumsum(STAPLE_SHARES)
    rank = np.searchsorted(cumulative, uniform, side="right")
    tail = rank >= head
    harmonic = np.cumsum(1.0 / np.arange(1, int(size.max(initial=1)) + 1))
    length = np.maximum(size[tail] - head, 1)
    rest = (uniform[tail] - cumulative[-1]) / (1.0 - cumulative[-1])
    rank[tail] = head + np.searchsorted(harmonic, rest * harmonic[length - 1], side="left")
    return np.minimum(rank, size - 1)
