"""The 26 columns of a candidate: eight signals, the owned product that fits best, the product, its categories."""

from typing import NamedTuple

import numpy as np

from .history import Market, places_in, stored_rows
from .signals import OF_PRODUCT, SIGNALS, Signals
from .similarity import NEIGHBOURS

CATEGORY_SHRINKAGE = 5.0
MIN_TOGETHER = 3
# What was never bought counts as bought so many days ago, and what is older as well.
OLDEST_DAYS = 365.0
OF_OWNED = ("cos_max", "cos_top3", "conf_max", "trig_age", "trig_n")
OF_CATEGORY = ("share", "idx", "items", "fill", "age")
FEATURES = (*SIGNALS, *OF_OWNED, *OF_PRODUCT, *(f"{level}_{name}" for level in ("l2", "l3") for name in OF_CATEGORY))
# These are below 0, too: they are not put on a logarithmic scale.
SIGNED = {"ease", "ease_d", "i_trend", "l2_idx", "l3_idx"}


class OfChunk(NamedTuple):
    """What the features are asked of: customers, their signals (`Signals.of`), and rows and columns of candidates."""

    customers: np.ndarray
    values: dict[str, np.ndarray]
    row: np.ndarray
    column: np.ndarray


def features(signals: Signals, market: Market, asked: OfChunk) -> tuple[np.ndarray, np.ndarray]:
    """FEATURES of candidates, (26, candidates) float32, and the column of the owned product that fits best, or -1."""
    row, column = asked.row, asked.column
    described = []
    for scores in asked.values.values():
        inside = column < scores.shape[1]
        found = np.zeros(len(row), np.float32)
        found[inside] = scores[row[inside], column[inside]]
        described.append(found)
    group = 1 + signals.segment[asked.customers][row]
    for shares in (signals.popularity, signals.popularity_decayed):
        described += [shares[0, column], shares[group, column]]
    of_owned, trigger = best_owned(signals, asked)
    described += [*of_owned, *signals.about_products[column].T]
    for category in market.categories:
        described += of_category(signals, category, asked)
    return np.stack([each.astype(np.float32) for each in described]), trigger


def best_owned(signals: Signals, asked: OfChunk) -> tuple[list[np.ndarray], np.ndarray]:
    """OF_OWNED of candidates and the owned product's column: the one of the largest log(1 + orders) x cosine, or -1.

    cos_max, cos_top3: the largest cosine of an owned product, and the sum of the three largest. conf_max: the largest
    share of an owned product's buyers who bought the candidate, too, MIN_TOGETHER of them or more. trig_age, trig_n:
    days since the best owned product was last ordered, and log(1 + its orders).
    """
    near, count, columns = signals.neighbours, len(asked.row), len(signals.products)
    stored, age = (matrix[asked.customers] for matrix in (signals.usable.orders, signals.usable.age))
    # The products near each owned one, few of which are candidates.
    nearby = near.rank[stored.indices]
    number = np.full(len(asked.customers) * columns, -1, np.int32)
    number[asked.row * columns + asked.column] = np.arange(count)
    rows = (stored_rows(stored) * columns).astype(np.int32)
    each = number[np.repeat(rows, np.diff(nearby.indptr)) + nearby.indices]
    found = np.flatnonzero(each >= 0)
    # Best first, so the first three of a candidate have the largest cosines.
    found = found[np.argsort(each[found] * np.int32(NEIGHBOURS) + nearby.data[found])]
    each, pair = each[found], np.searchsorted(nearby.indptr, found, side="right") - 1
    place = found - nearby.indptr[pair] + near.rank.indptr[stored.indices[pair]]
    cosine, together, often = near.cosine.data[place], near.together.data[place], stored.data[pair]
    starts = np.flatnonzero(np.diff(each, prepend=-1))
    led = each[starts]
    cos_max, conf_max, trig_n = np.zeros((3, count), np.float32)
    trig_age, trigger = np.full(count, OLDEST_DAYS, np.float32), np.full(count, -1)
    cos_max[led] = cosine[starts]
    few = places_in(each) < 3
    cos_top3 = np.bincount(each[few], cosine[few], count)
    confidence = np.where(together >= MIN_TOGETHER, together / signals.usable.buyers[stored.indices[pair]], 0)
    conf_max[led] = np.maximum.reduceat(confidence, starts)
    fit = often * cosine
    best = np.flatnonzero(fit == np.repeat(np.maximum.reduceat(fit, starts), np.diff(starts, append=len(each))))
    best = best[np.flatnonzero(np.diff(each[best], prepend=-1))]
    trigger[led], trig_n[led] = stored.indices[pair[best]], often[best]
    trig_age[led] = np.minimum(age.data[pair[best]], OLDEST_DAYS)
    return [cos_max, cos_top3, conf_max, trig_age, trig_n], trigger


def of_category(signals: Signals, category: np.ndarray, asked: OfChunk) -> list[np.ndarray]:
    """OF_CATEGORY of candidates, for categories of one level: (products,), 0, 1, 2 ...

    share: of the customer's products, those of the category, shrunk by CATEGORY_SHRINKAGE products that are spread as
    everybody's; idx: log(share / everybody's share); items: products of it that the customer bought; fill: these / the
    products there; age: days since the customer last bought any of it.
    """
    known, row = signals.history, asked.row
    count, customers = int(category.max(initial=0)) + 1, len(asked.customers)
    part = known.age[asked.customers]
    place = stored_rows(part) * count + category[part.indices]
    items = np.bincount(place, minlength=customers * count).reshape(customers, count)
    age = np.full(customers * count, OLDEST_DAYS, np.float32)
    np.minimum.at(age, place, part.data)
    overall = np.bincount(category, known.buyers, count) / max(1, known.buyers.sum())
    there = np.bincount(category[signals.products], minlength=count)
    mine = category[signals.products[asked.column]]
    share = (items[row, mine] + CATEGORY_SHRINKAGE * overall[mine]) / (items.sum(axis=1)[row] + CATEGORY_SHRINKAGE)
    return [
        share,
        np.log(share / overall[mine]),
        items[row, mine],
        items[row, mine] / there[mine],
        age.reshape(customers, count)[row, mine],
    ]
