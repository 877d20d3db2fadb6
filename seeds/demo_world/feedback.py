"""The account managers' ratings: from what a customer's projects need, never from a score."""

import numpy as np
import pandas as pd

from demo_world.chance import below, pick
from demo_world.invoices import Sold
from demo_world.market import Market
from demo_world.projects import KITS
from demo_world.world import CATALOGUE, COMMENTS, TRADES

PER_CUSTOMER = 0.6
FIRST_RATING_DAY = np.datetime64("2025-01-01")
# What is rated: a companion from the customer's projects, another product of the trade, a foreign product.
COMPANION, OWN_TRADE, FOREIGN = range(3)
NEEDS = (0.60, 0.27, 0.13)
# High, Medium, Low by need.
RATINGS = ((0.72, 0.20, 0.08), (0.18, 0.64, 0.18), (0.04, 0.20, 0.76))
RANKS = (0.90, 0.07, 0.03)  # first, second, third choice of region and trade
OWNED_SHARE = 0.05  # of the drawn products that the customer has, those that are rated all the same
RATED_AGAIN = 0.02
SILENT = 0.4  # ratings without a comment


def make_feedback(market: Market, personal: np.ndarray, done: np.ndarray, sold: Sold) -> pd.DataFrame:
    """Ratings, mostly of products that the customer does not own yet, some a second time and not always the same."""
    people, shelf, _, rng = market
    count = round(PER_CUSTOMER * len(people.trade))
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
    owned = np.isin(key, np.unique(sold.customer * len(shelf.category) + sold.product))
    keep = sensible & (~owned | (rng.random(draws) < OWNED_SHARE))
    first = np.isin(np.arange(draws), np.unique(key, return_index=True)[1])
    chosen = np.flatnonzero(keep & first)[:count]

    chosen, rating, day = _rate(chosen, need[chosen], rng)
    order = np.lexsort((product[chosen], customer[chosen], day))
    return _frame(market, customer[chosen[order]], product[chosen[order]], rating[order], day[order])


def _draw_l3(
    market: Market, customer: np.ndarray, need: np.ndarray, personal: np.ndarray, done: np.ndarray
) -> np.ndarray:
    """The L3 category to rate: of a kit the customer does, of any kit of its trade, or of anything."""
    where, which, any_kit = (market.rng.random(len(customer)) for _ in range(3))
    kit = personal[customer, below(done[customer].sum(axis=1), which)]
    for index in range(len(TRADES)):
        kits = KITS.of_trade(index)
        mine = (need == OWN_TRADE) & (market.people.trade[customer] == index)
        kit[mine] = kits[below(len(kits), any_kit[mine])]
    share = np.cumsum(KITS.chance[kit], axis=1)
    position = (share < (where * share[:, -1])[:, None]).sum(axis=1)
    return np.where(need == FOREIGN, below(len(CATALOGUE), where), KITS.role[kit, position])


def _rate(chosen: np.ndarray, need: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is rated, how (0 is High) and on which day of the year; the second ratings come last."""
    limits = np.cumsum(RATINGS, axis=1)[need][:, :2]
    rating = (rng.random(len(chosen))[:, None] >= limits).sum(axis=1)
    day = below(365, rng.random(len(chosen)))
    again = np.flatnonzero((rng.random(len(chosen)) < RATED_AGAIN) & (day < 330))
    second = np.clip(rating[again] + pick((0.3, 0.4, 0.3), rng.random(len(again))) - 1, 0, 2)
    second_day = day[again] + 7 + below(27, rng.random(len(again)))
    return (
        np.concatenate([chosen, chosen[again]]),
        np.concatenate([rating, second]),
        np.concatenate([day, second_day]),
    )


def _frame(
    market: Market, customer: np.ndarray, product: np.ndarray, rating: np.ndarray, day: np.ndarray
) -> pd.DataFrame:
    """The ratings as people read them, with remarks."""
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
            "rated_at": (FIRST_RATING_DAY + day).astype("datetime64[s]"),
            "comment": np.array(comments, dtype=object),
        }
    )
