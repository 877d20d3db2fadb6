"""The customers: region, trade, hidden speciality, name, city and account manager."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from demo_world.chance import apportion, below, ids, pick, shuffled
from demo_world.world import NAMES, REGIONS, TRADES, Trade

SURNAMES, GIVEN_NAMES, SUFFIXES = NAMES["surnames"], NAMES["given_names"], NAMES["suffixes"]


class People(NamedTuple):
    """The customers as arrays, one entry a customer."""

    frame: pd.DataFrame
    region: np.ndarray
    trade: np.ndarray
    speciality: np.ndarray  # index within the trade


def make_customers(count: int, rng: np.random.Generator) -> People:
    """``count`` customers."""
    region, trade = np.divmod(_segments(count, rng), len(TRADES))
    draw = rng.random(count)
    speciality = np.zeros(count, dtype=np.int64)
    for index, one in enumerate(TRADES):
        mine = trade == index
        speciality[mine] = pick(list(one.specialities.values()), draw[mine])
    places = [
        REGIONS[where].cities[int(uniform * len(REGIONS[where].cities))]
        for where, uniform in zip(region.tolist(), rng.random(count).tolist(), strict=True)
    ]
    cities, states = zip(*places, strict=True)
    frame = pd.DataFrame(
        {
            "customer_id": ids("C", count, 5),
            "customer_name": _unique_names(trade, cities, rng),
            "region": np.array([r.name for r in REGIONS], dtype=object)[region],
            "end_use": np.array([t.name for t in TRADES], dtype=object)[trade],
            "city": cities,
            "state": states,
            "account_manager": _account_managers(region, rng),
        }
    )
    return People(frame, region, trade, speciality)


def _segments(count: int, rng: np.random.Generator) -> np.ndarray:
    """Segment number (region * trades + trade) of each customer, uneven but never tiny."""
    shares = np.array([[region.share * trade.share for trade in TRADES] for region in REGIONS]).ravel()
    shares *= 0.9 + 0.2 * rng.random(len(shares))
    return np.repeat(np.arange(len(shares)), apportion(shares, count))[shuffled(count, rng)]


def _business_name(trade: Trade, city: str, draws: list[float]) -> str:
    """Return one believable business name from six uniform numbers."""
    style, first, second, word, suffix, given = draws
    surname, other = SURNAMES[int(first * len(SURNAMES))], SURNAMES[int(second * len(SURNAMES))]
    form = SUFFIXES[int(suffix * len(SUFFIXES))]
    pattern = next(pattern for limit, pattern in NAMES["patterns"] if style < limit)
    return pattern.format(
        fancy=trade.fancy_names[int(second * len(trade.fancy_names))],
        given=GIVEN_NAMES[int(given * len(GIVEN_NAMES))],
        surname=surname,
        other=other if other != surname else "Daughters",
        city=city,
        work=trade.business_words[int(word * len(trade.business_words))],
        form=form,
        company="Inc." if form == "Inc." else "LLC",
    ).rstrip()


def _unique_names(trade: np.ndarray, cities: tuple[str, ...], rng: np.random.Generator) -> list[str]:
    """Return a different business name for every customer; the city, then a number tells namesakes apart."""
    draws = rng.random((len(trade), 6)).tolist()
    taken: dict[str, int] = {}
    names = []
    for row, trade_index in enumerate(trade.tolist()):
        name = _business_name(TRADES[trade_index], cities[row], draws[row])
        if name in taken and not name.startswith(cities[row]):
            name = f"{name} ({cities[row]})"
        seen = taken.get(name, 0)
        taken[name] = seen + 1
        if seen:
            name = f"{name} #{seen + 1}"
            taken[name] = 1
        names.append(name)
    return names


def _account_managers(region: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the account manager of each customer: six or more per region, each about a hundred customers."""
    per_region = max(6, len(region) // (100 * len(REGIONS)))
    names = []
    for number in range(per_region * len(REGIONS)):
        # 7919 is prime: no full name comes twice before all were there.
        surname, given_name = divmod((number * 7919 + 1234) % (len(GIVEN_NAMES) * len(SURNAMES)), len(GIVEN_NAMES))
        names.append(f"{GIVEN_NAMES[given_name]} {SURNAMES[surname]}")
    chosen = region * per_region + below(per_region, rng.random(len(region)))
    return np.array(names, dtype=object)[chosen]
