"""The invoice lines: the products and quantities behind the projects' lines, returns and invoice numbers."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from demo_world.chance import below, habit, ids, shuffled
from demo_world.days import DAYS, FIRST_DAY, make_days, separate_repeats
from demo_world.market import Market
from demo_world.products import preference_rank
from demo_world.projects import KITS, Lines
from demo_world.restocks import Restocks
from demo_world.world import CATALOGUE, TRADES

NOISE_OWN_TRADE = 0.08  # lines for any other product of the trade
NOISE_FOREIGN = 0.05  # lines for anything in the catalogue
ONE_OFF_CHOICE = 0.08  # lines that deviate from the customer's habit
CUSTOMER_SIZES = (0.6, 0.8, 1.0, 1.0, 1.3, 2.0)
QUANTITY_FACTORS = (0.25, 0.5, 0.5, 0.75, 1.0, 1.0, 1.0, 1.5, 2.0, 3.0)
STEADY_SHARE = 0.7  # restocking lines with the customer's usual quantity of that category
SECOND_TOOL_SHARE = 0.08  # lines of a product bought one by one that are for two


class Sold(NamedTuple):
    """Invoice lines, one entry a line."""

    customer: np.ndarray
    product: np.ndarray
    day: np.ndarray
    quantity: np.ndarray


def make_invoices(
    market: Market, lines: Lines, restocks: Restocks, returns: int, window: tuple[np.ndarray, np.ndarray]
) -> tuple[pd.DataFrame, Sold]:
    """Return the invoice table and its lines, ``returns`` of them returns. ``window``: first and last days."""
    sold = _joined(_sell_for_projects(market, lines, restocks, window), _restock(market, restocks))
    sold = _joined(sold, _make_returns(sold, returns, market.rng))
    sold.day[sold.day == sold.day.max()] = DAYS - 1  # the data end on their last day
    customers, products = len(market.people.trade), len(market.shelf.category)
    sold = sold._replace(day=separate_repeats(sold.customer, sold.product, sold.day, products, market.rng))

    # An invoice is a customer on a day; within a day, invoices come in a random-looking order.
    turn = shuffled(customers, market.rng)[sold.customer]
    order = np.argsort((sold.day * customers + turn) * products + sold.product, kind="stable")
    sold = Sold(*(array[order] for array in sold))
    return _frame(market, sold), sold


def _joined(one: Sold, other: Sold) -> Sold:
    """Return the lines of both, one after the other."""
    return Sold(*(np.concatenate(arrays) for arrays in zip(one, other, strict=True)))


def _sell_for_projects(market: Market, lines: Lines, restocks: Restocks, window: tuple[np.ndarray, np.ndarray]) -> Sold:
    """Return the projects' lines with product, day and quantity."""
    l3 = _add_noise(market, lines)
    product = _choose_products(market, lines.customer, l3, l3 != lines.l3)
    day = make_days(lines, window, np.unique(restocks.customer * DAYS + restocks.day), market.rng)
    quantity = _make_quantities(market, lines.customer, l3, market.rng.random(len(l3)))
    return Sold(lines.customer, product, day, quantity)


def _add_noise(market: Market, lines: Lines) -> np.ndarray:
    """Return the L3 of every line after replacing some by other products of the trade or by anything at all."""
    l3 = lines.l3.copy()
    draw, which = market.rng.random(len(l3)), market.rng.random(len(l3))
    by_climate = np.flatnonzero([category.by_climate for category in CATALOGUE])
    trade = market.people.trade[lines.customer]
    for index in range(len(TRADES)):
        pool = np.setdiff1d(KITS.l3_of_trade(index), by_climate)
        mine = (draw < NOISE_OWN_TRADE) & (trade == index)
        l3[mine] = pool[below(len(pool), which[mine])]
    anything = np.setdiff1d(np.arange(len(CATALOGUE)), by_climate)
    foreign = (draw >= NOISE_OWN_TRADE) & (draw < NOISE_OWN_TRADE + NOISE_FOREIGN)
    l3[foreign] = anything[below(len(anything), which[foreign])]
    return l3


def _choose_products(market: Market, customer: np.ndarray, l3: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the product of every line: the customer's habit in that L3 category, sometimes something else.

    ``noise`` marks lines outside projects: these reach further into the long tail.
    """
    uniform = habit(market.seed + 41, customer, l3)
    one_off = market.rng.random(len(l3)) < ONE_OFF_CHOICE
    uniform[one_off] = market.rng.random(int(one_off.sum()))
    uniform[noise] = 0.4 + 0.6 * market.rng.random(int(noise.sum()))
    return market.preferred(customer, l3, preference_rank(market.shelf.size[l3], uniform))


def _restock(market: Market, restocks: Restocks) -> Sold:
    """Return what restocks buy: the customer's habit or, after a switch, its region and trade's two first choices."""
    customer, l3, day, switched = restocks
    rank = preference_rank(market.shelf.size[l3], habit(market.seed + 41, customer, l3))
    rank = np.where(switched, np.minimum(rank == 0, market.shelf.size[l3] - 1), rank)
    steady = market.rng.random(len(l3)) < STEADY_SHARE
    uniform = np.where(steady, habit(market.seed + 52, customer, l3), market.rng.random(len(l3)))
    return Sold(customer, market.preferred(customer, l3, rank), day, _make_quantities(market, customer, l3, uniform))


def _make_quantities(market: Market, customer: np.ndarray, l3: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Quantity of every line: usual units of the category x size of the customer x chance (uniform), at least 1."""
    size = np.array(CUSTOMER_SIZES)[
        below(len(CUSTOMER_SIZES), habit(market.seed + 51, np.arange(len(market.people.trade))))
    ]
    units = np.array([category.units for category in CATALOGUE])[l3]
    factor = np.array(QUANTITY_FACTORS)[below(len(QUANTITY_FACTORS), uniform)]
    scale = np.where(units > 1, size[customer], 1.0)
    second = (units == 1) & (market.rng.random(len(l3)) < SECOND_TOOL_SHARE)
    quantity = np.floor(units * np.where(units > 1, factor, 1.0) * scale + 0.5) + second
    return np.maximum(quantity, 1).astype(np.int64)


def _make_returns(sold: Sold, returns: int, rng: np.random.Generator) -> Sold:
    """Returns of some of the lines: three to 32 days later, of everything or of a part."""
    eligible = np.flatnonzero(sold.day < DAYS - 40)
    back = eligible[shuffled(len(eligible), rng)[:returns]]
    day = sold.day[back] + 3 + below(30, rng.random(len(back)))
    everything = rng.random(len(back)) < 0.4
    quantity = sold.quantity[back]
    part = 1 + np.floor(rng.random(len(back)) * quantity * 0.5).astype(np.int64)
    back_again = -np.where(everything, quantity, np.minimum(part, quantity))
    return Sold(sold.customer[back], sold.product[back], day, back_again)


def _frame(market: Market, sold: Sold) -> pd.DataFrame:
    """Return the lines as people read them; they come in the order of their invoices."""
    fresh = np.ones(len(sold.day), dtype=bool)
    fresh[1:] = (sold.day[1:] != sold.day[:-1]) | (sold.customer[1:] != sold.customer[:-1])
    number = np.cumsum(fresh) - 1
    calendar = (FIRST_DAY + np.arange(DAYS)).astype("datetime64[s]")
    return pd.DataFrame(
        {
            "invoice_id": ids("INV", int(number[-1]) + 1, 6)[number],
            **market.names(sold.customer, sold.product),
            "quantity": sold.quantity.astype(np.int32),
            "invoice_date": calendar[sold.day],
        }
    )
