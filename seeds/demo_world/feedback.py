"""The account managers' ratings: from what a customer's projects need and is about to buy, never from a score."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from demo_world.chance import below, pick, shuffled
from demo_world.days import DAYS, FIRST_DAY
from demo_world.invoices import Sold
from demo_world.market import Market
from demo_world.projects import KITS
from demo_world.world import CATALOGUE, COMMENTS, TRADES

PER_CUSTOMER = 0.6
FIRST_RATING_DAY = np.datetime64("2025-01-01")
FIRST_RATED = int((FIRST_RATING_DAY - FIRST_DAY).astype(int))  # the same day, counted as invoices count
# What is rated: another companion from the customer's projects, another product of the trade, a foreign product, and,
# because account managers know their customers, a companion that the customer buys for the first time soon afterwards.
COMPANION, OWN_TRADE, FOREIGN, WANTED = range(4)
NEEDS = (0.70, 0.20, 0.10)  # of the ratings that no purchase follows
WANTED_SHARE = 0.19  # of all ratings, those that a purchase follows
# High, Medium, Low by need. With the share above, a third of the High ones are bought, a tenth of the Medium ones.
RATINGS = ((0.56, 0.30, 0.14), (0.18, 0.64, 0.18), (0.04, 0.20, 0.76), (0.80, 0.17, 0.03))
RANKS = (0.90, 0.07, 0.03)  # first, second, third choice of region and trade
DAYS_TO_PURCHASE = 35  # on average, from the rating of something wanted
RATED_AGAIN = 0.02
# The first day after a rating on which it may be revised, and how many such days there are.
SECOND_RATING_DAYS = (7, 27)
SILENT = 0.4  # ratings without a comment


class Rated(NamedTuple):
    """Ratings before the grade; one entry a rating. Days are counted from the first day of the invoices."""

    customer: np.ndarray
    product: np.ndarray
    need: np.ndarray
    day: np.ndarray
    until: np.ndarray  # the day on which the product is bought, or the end of the data


def make_feedback(market: Market, personal: np.ndarray, done: np.ndarray, sold: Sold) -> pd.DataFrame:
    """Ratings of products that the customer does not have on that day, some a second time and not always the same.

    The lines in ``sold`` stand in the order of their days.
    """
    products = len(market.shelf.category)
    # A pair of customer and product as one number, and the line of its first purchase.
    owned, first_line = np.unique(sold.customer * products + sold.product, return_index=True)
    customer_since = np.full(len(market.people.trade), DAYS, dtype=np.int64)
    customer_since[sold.customer[::-1]] = sold.day[::-1]

    count = round(PER_CUSTOMER * len(market.people.trade))
    firsts = Sold(*(array[first_line[sold.day[first_line] > FIRST_RATED]] for array in sold))
    wanted = _wanted(market, personal, firsts, customer_since, round(WANTED_SHARE * count))
    others = _others(market, personal, done, owned, customer_since, count - len(wanted.day))
    rated = Rated(*(np.concatenate(arrays) for arrays in zip(wanted, others, strict=True)))

    row, rating, day = _rate(rated, market.rng)
    order = np.lexsort((rated.product[row], rated.customer[row], day))
    row = row[order]
    return _frame(market, rated.customer[row], rated.product[row], rating[order], day[order])


def _wanted(market: Market, personal: np.ndarray, firsts: Sold, customer_since: np.ndarray, count: int) -> Rated:
    """Companions that the customer buys for the first time some days after the rating, drawn from the ``firsts``."""
    line = shuffled(len(firsts.day), market.rng)
    customer, product, bought = firsts.customer[line], firsts.product[line], firsts.day[line]
    day = bought - 1 - np.floor(-np.log(1.0 - market.rng.random(len(line))) * DAYS_TO_PURCHASE).astype(np.int64)
    l3 = market.shelf.category[product]
    favourite = np.zeros(len(line), dtype=bool)
    for rank in range(len(RANKS)):
        favourite |= market.preferred(customer, l3, np.minimum(rank, market.shelf.size[l3] - 1)) == product
    likely = np.flatnonzero(favourite & (day >= np.maximum(FIRST_RATED, customer_since[customer])))
    likely = likely[: 3 * count]  # more than enough; what follows takes memory
    needed = (KITS.role[personal[customer[likely]]] == l3[likely, None, None]).any(axis=(1, 2))
    chosen = likely[needed][:count]
    need = np.full(len(chosen), WANTED)
    return Rated(customer[chosen], product[chosen], need, day[chosen], bought[chosen])


def _others(
    market: Market, personal: np.ndarray, done: np.ndarray, owned: np.ndarray, customer_since: np.ndarray, count: int
) -> Rated:
    """Products that the customer has not bought until the end of the data; ``owned`` are the pairs it has, in order."""
    people, shelf, _, rng = market
    buyers = np.flatnonzero(done[:, 0])
    draws = 2 * count + 100
    customer = buyers[below(len(buyers), rng.random(draws))]
    need = pick(NEEDS, rng.random(draws))
    l3 = _draw_l3(market, customer, need, personal, done)
    # A foreign product must not happen to belong to the trade.
    every_l3 = np.arange(len(CATALOGUE))
    in_trade = np.array([np.isin(every_l3, KITS.l3_of_trade(trade)) for trade in range(len(TRADES))])
    sensible = (need != FOREIGN) | ~in_trade[people.trade[customer], l3]

    rank = np.minimum(pick(RANKS, rng.random(draws)), shelf.size[l3] - 1)
    product = market.preferred(customer, l3, rank)
    key = customer * len(shelf.category) + product
    has = owned[np.minimum(np.searchsorted(owned, key), len(owned) - 1)] == key
    first = np.isin(np.arange(draws), np.unique(key, return_index=True)[1])
    chosen = np.flatnonzero(sensible & ~has & first)[:count]
    since = np.maximum(customer_since[customer[chosen]], FIRST_RATED)
    day = since + below(DAYS - since, rng.random(len(chosen)))
    return Rated(customer[chosen], product[chosen], need[chosen], day, np.full(len(chosen), DAYS))


def _draw_l3(
    market: Market, customer: np.ndarray, need: np.ndarray, personal: np.ndarray, done: np.ndarray
) -> np.ndarray:
    """Return the L3 category to rate: of a kit the customer does, of any kit of its trade, or of anything."""
    where, which, any_kit = (market.rng.random(len(customer)) for _ in range(3))
    kit = personal[customer, below(done[customer].sum(axis=1), which)]
    for index in range(len(TRADES)):
        kits = KITS.of_trade(index)
        mine = (need == OWN_TRADE) & (market.people.trade[customer] == index)
        kit[mine] = kits[below(len(kits), any_kit[mine])]
    share = np.cumsum(KITS.chance[kit], axis=1)
    position = (share < (where * share[:, -1])[:, None]).sum(axis=1)
    return np.where(need == FOREIGN, below(len(CATALOGUE), where), KITS.role[kit, position])


def _rate(rated: Rated, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which is rated, how (0 is High) and on which day; the second ratings come last."""
    limits = np.cumsum(RATINGS, axis=1)[rated.need][:, :2]
    rating = (rng.random(len(rated.day))[:, None] >= limits).sum(axis=1)
    earliest, choice = SECOND_RATING_DAYS
    in_time = rated.day + earliest + choice <= rated.until
    again = np.flatnonzero((rng.random(len(rated.day)) < RATED_AGAIN) & in_time)
    second = np.clip(rating[again] + pick((0.3, 0.4, 0.3), rng.random(len(again))) - 1, 0, 2)
    second_day = rated.day[again] + earliest + below(choice, rng.random(len(again)))
    return (
        np.concatenate([np.arange(len(rated.day)), again]),
        np.concatenate([rating, second]),
        np.concatenate([rated.day, second_day]),
    )


def _frame(
    market: Market, customer: np.ndarray, product: np.ndarray, rating: np.ndarray, day: np.ndarray
) -> pd.DataFrame:
    """Return the ratings as people read them, with remarks."""
    words = list(COMMENTS)
    talk, silent = market.rng.random(len(rating)), market.rng.random(len(rating)) < SILENT
    comments = [
        "" if quiet else COMMENTS[words[grade]][int(uniform * len(COMMENTS[words[grade]]))]
        for grade, uniform, quiet in zip(rating.tolist(), talk.tolist(), silent.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            **market.names(customer, product),
            "rating": np.array(words, dtype=object)[rating],
            "rated_by": market.people.frame["account_manager"].to_numpy(dtype=object)[customer],
            "rated_at": (FIRST_DAY + day).astype("datetime64[s]"),
            "comment": np.array(comments, dtype=object),
        }
    )
