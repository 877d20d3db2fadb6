"""What a crew buys again and again: a few consumables in their usual interval, some given up, some replaced."""

from typing import NamedTuple

import numpy as np

from demo_world.chance import below, pick
from demo_world.days import DAYS, busyness, weekday
from demo_world.projects import KITS, crew_uses
from demo_world.world import CATALOGUE

FIRST_LINES = 7  # a customer's lines for what it buys for the first time; it restocks with the others
LEAST_LINES = 4  # customers with fewer others buy by the project only
MOST_LINES = 150  # customers with more come every few days anyway
SHARE = 0.8  # of the others, those that restock as a rule; the rest is for more visits than planned, or for projects
LINES_PER_ITEM = 8  # a customer with so many lines more restocks one thing more
MOST_ITEMS = 6
# Days between a customer's visits: of one with more lines than fit otherwise; else from the shortest to the longest.
USUAL_INTERVAL = (7, 21, 110)
# How long a gap is beside the usual one: the shortest, the quarters, the longest tenth, the longest.
GAP_SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
GAP_FACTORS = (0.6, 0.85, 1.0, 1.2, 1.6, 5.0)
EVERY_VISIT = (0.7, 0.3)  # things needed on every visit, on every second one
STILL_IN_STOCK = 0.12  # chance that something is left out on one visit
STILL_RESTOCKS = 0.9  # customers whose visits go on when the data end
KEPT = 0.96  # chance that a thing stays on the shopping list after a visit
SWITCHED = 0.12  # chance that, after a visit, another product of the same L3 replaces it
SURE_VISITS = 3  # before these nothing is given up or replaced


class Restocks(NamedTuple):
    """Lines that restock; one entry a line."""

    customer: np.ndarray
    l3: np.ndarray
    day: np.ndarray
    switched: np.ndarray  # whether the customer has taken to another product of this L3


class Items(NamedTuple):
    """What is restocked; one entry a customer and L3 category. Visits are counted from 0."""

    buyer: np.ndarray  # position in the list of customers that restock
    l3: np.ndarray
    every: np.ndarray  # 1: on every visit, 2: on every second one
    last: np.ndarray  # the visit after which it is given up
    switch: np.ndarray  # the visit after which another product replaces it


def make_restocks(
    personal: np.ndarray, counts: np.ndarray, window: tuple[np.ndarray, np.ndarray], seed: int, rng: np.random.Generator
) -> Restocks:
    """Let customers with enough lines come back for what they use up, until their share of the lines is spent.

    ``counts`` is how many lines each customer has, ``window`` its first and last day.
    """
    spare = counts - FIRST_LINES
    who = np.flatnonzero((spare >= LEAST_LINES) & (spare <= MOST_LINES))
    items = _make_items(who, personal, spare[who], seed, rng)
    interval, day = _visits(items, spare[who], window[0][who], window[1][who], rng)

    busy = (1.0 + busyness("general")) / 2  # in winter a box lasts longer
    left = spare[who]
    parts = [Restocks(*(np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, np.int64, bool)))]
    visit = 0
    while (there := (left > 0) & (day <= window[1][who])).any():
        bought = there[items.buyer] & (visit <= items.last) & (visit % items.every == 0)
        chosen = np.flatnonzero(bought & (rng.random(len(bought)) >= STILL_IN_STOCK))
        buyer = items.buyer[chosen]
        parts.append(Restocks(who[buyer], items.l3[chosen], day[buyer], visit > items.switch[chosen]))
        left = left - np.bincount(buyer, minlength=len(who))
        gap = interval * np.interp(rng.random(len(who)), GAP_SHARES, GAP_FACTORS) / busy[np.minimum(day, DAYS - 1)]
        day = day + np.rint(gap).astype(np.int64)
        day += weekday(day) == 6
        visit += 1
    return Restocks(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _make_items(who: np.ndarray, personal: np.ndarray, lines: np.ndarray, seed: int, rng: np.random.Generator) -> Items:
    """Return the consumables that each customer restocks: companions of its projects that its crew uses."""
    unsuitable = np.array([category.lasts or category.by_climate for category in CATALOGUE])
    role = KITS.role[personal[who]]
    suitable = (role >= 0) & ~unsuitable[role]
    suitable[:, :, 0] = False  # what starts a project is bought with the project
    for place in range(personal.shape[1]):
        suitable[:, place] &= crew_uses(who, personal[who, place], seed)
    role, suitable = (array.reshape(len(who), role.shape[1] * role.shape[2]) for array in (role, suitable))
    for column in range(1, role.shape[1]):
        suitable[:, column] &= ~(suitable[:, :column] & (role[:, :column] == role[:, [column]])).any(axis=1)
    most = np.minimum(1 + lines // LINES_PER_ITEM, MOST_ITEMS)
    buyer, column = np.nonzero(suitable & (np.cumsum(suitable, axis=1) <= most[:, None]))
    every = 1 + pick(EVERY_VISIT, rng.random(len(buyer)))
    waits = [
        SURE_VISITS + np.floor(np.log(1.0 - rng.random(len(buyer))) / np.log(stays)).astype(np.int64)
        for stays in (KEPT, 1.0 - SWITCHED)
    ]
    return Items(buyer, role[buyer, column], every, *waits)


def _visits(
    items: Items, lines: np.ndarray, first_day: np.ndarray, last_day: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return customers' usual intervals and the days of their first visits, so that each spends about SHARE."""
    per_visit = np.bincount(items.buyer, weights=(1.0 - STILL_IN_STOCK) / items.every, minlength=len(lines))
    visits = SHARE * lines / np.maximum(per_visit, 1.0 - STILL_IN_STOCK)
    least, shortest, longest = USUAL_INTERVAL
    interval = shortest * (longest / shortest) ** rng.random(len(lines))
    mean_factor = np.trapezoid(GAP_FACTORS, GAP_SHARES)
    interval = np.clip((last_day - first_day) / (visits * mean_factor), least, interval)
    free = np.maximum(last_day - first_day - np.rint(interval * visits * mean_factor).astype(np.int64), 0)
    going_on = rng.random(len(lines)) < STILL_RESTOCKS
    return interval, first_day + np.where(going_on, free, below(free + 1, rng.random(len(lines))))
