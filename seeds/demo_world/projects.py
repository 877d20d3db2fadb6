"""The projects that customers do, and the lines they need for them: which L3 category, on which shopping trip."""

from typing import NamedTuple

import numpy as np

from demo_world.chance import apportion, habit, pick
from demo_world.customers import People
from demo_world.world import ALL_KITS, CATALOGUE, REGIONS, SEASONS, TRADES

KITS_PER_CUSTOMER = 3  # kinds of project a customer does at most
LINES_FLOOR = 3  # a customer with a basket has about this many lines at least
TRIP_STYLES = (0.88, 0.09, 0.03)  # projects bought on one, two, three shopping trips
ROLE_PER_PROJECT = 0.94  # chance that a role which the crew uses is bought for one given project
REBUY_LASTING = 0.15  # the same for a tool that the customer bought for an earlier project
FOREIGN_SPECIALITY = 0.02  # weight of the kits of the trade's other speciality


class KitTable(NamedTuple):
    """All kits as arrays; a kit's number is its row in kits.csv."""

    trade: np.ndarray  # index into TRADES
    speciality: np.ndarray  # index within the trade
    share: np.ndarray
    season: np.ndarray  # index into SEASONS
    climate: np.ndarray  # 0 any, 1 cold, 2 hot
    role: np.ndarray  # (kits, roles) L3 index, -1 = no role
    chance: np.ndarray  # (kits, roles)

    def of_trade(self, trade: int) -> np.ndarray:
        """Numbers of a trade's kits."""
        return np.flatnonzero(self.trade == trade)

    def l3_of_trade(self, trade: int) -> np.ndarray:
        """Return the L3 categories that any kit of the trade uses."""
        used = np.unique(self.role[self.trade == trade])
        return used[used >= 0]


def _kit_table() -> KitTable:
    specialities = {trade.name: list(trade.specialities) for trade in TRADES}
    number = {category.l3: index for index, category in enumerate(CATALOGUE)}
    width = max(len(kit.roles) for kit in ALL_KITS)
    role = np.full((len(ALL_KITS), width), -1, dtype=np.int64)
    chance = np.zeros((len(ALL_KITS), width))
    for index, kit in enumerate(ALL_KITS):
        for position, (l3, percent) in enumerate(kit.roles.items()):
            role[index, position] = number[l3]
            chance[index, position] = percent / 100
    return KitTable(
        np.array([list(specialities).index(kit.trade) for kit in ALL_KITS]),
        np.array([specialities[kit.trade].index(kit.speciality) for kit in ALL_KITS]),
        np.array([kit.share for kit in ALL_KITS]),
        np.array([list(SEASONS).index(kit.season) for kit in ALL_KITS]),
        np.array([("any", "cold", "hot").index(kit.climate) for kit in ALL_KITS]),
        role,
        chance,
    )


KITS = _kit_table()


def personal_kits(people: People, rng: np.random.Generator) -> np.ndarray:
    """Return the up to three kinds of project each customer does, best first: shape (customers, 3), -1 = none.

    Mostly kits of the own speciality (weighted draw without replacement, climate included); a kit of the
    trade's other speciality gets in now and then.
    """
    result = np.full((len(people.trade), KITS_PER_CUSTOMER), -1, dtype=np.int64)
    climate = np.array([[1.0, region.cold, region.hot] for region in REGIONS])
    for trade in range(len(TRADES)):
        mine, kits = np.flatnonzero(people.trade == trade), KITS.of_trade(trade)
        weight = KITS.share[kits] * climate[people.region[mine]][:, KITS.climate[kits]]
        own = people.speciality[mine][:, None] == KITS.speciality[kits][None, :]
        weight *= np.where(own, 1.0, FOREIGN_SPECIALITY)
        # Exponential race: the smallest waiting times are a weighted draw without replacement.
        with np.errstate(divide="ignore"):
            waiting = -np.log(1.0 - rng.random(weight.shape)) / weight
        result[mine] = kits[np.argsort(waiting, axis=1, kind="stable")[:, :KITS_PER_CUSTOMER]]
    return result


def line_counts(active: np.ndarray, tenure: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
    """Return how many lines each customer has: a floor, a heavy tail, the exact total. 0 for new accounts.

    ``tenure`` is the share of the three years in which the customer may buy.
    """
    buyers = int(active.sum())
    floor = min(LINES_FLOOR, total // buyers)
    tail = np.minimum((1.0 - rng.random(len(active))) ** (-1 / 2.4) - 1.0, 6.0) + 0.45
    tail *= 0.25 + 0.75 * tenure
    counts = np.zeros(len(active), dtype=np.int64)
    counts[active] = floor + apportion(tail[active], total - floor * buyers)
    return counts


def crew_uses(customer: np.ndarray, kit: np.ndarray, seed: int) -> np.ndarray:
    """Return which roles of the kit each customer's crew uses, the same in every project: (customers, roles)."""
    return habit(seed + 31, customer[:, None], KITS.role[kit] + 1) < KITS.chance[kit]


class Lines(NamedTuple):
    """Invoice lines before products and dates; one entry a line."""

    customer: np.ndarray
    kit: np.ndarray
    l3: np.ndarray
    project: np.ndarray  # running number of the project
    visit: np.ndarray  # 0, 1, 2: which shopping trip of the project


def make_lines(
    personal: np.ndarray, counts: np.ndarray, in_stock: np.ndarray, seed: int, rng: np.random.Generator
) -> tuple[Lines, np.ndarray]:
    """Let every customer do projects until it has its number of lines.

    ``in_stock`` (customers, L3) marks what a customer restocks anyway and does not buy for a project.
    Returns the lines and, per customer and personal kit, whether the project was done at least once.
    """
    kit_count = 1 + (counts > 4).astype(np.int64) + (counts > 8)
    lasts = np.array([category.lasts for category in CATALOGUE])
    done = np.zeros((len(counts), KITS_PER_CUSTOMER), dtype=bool)
    need = counts.copy()
    parts: list[Lines] = []
    projects = 0
    while len(who := np.flatnonzero(need > 0)):
        # Round n does the n-th personal kit once; then the customer's favourites come again.
        favourite = np.minimum(pick((0.5, 0.3, 0.2), rng.random(len(who))), kit_count[who] - 1)
        slot = np.where(len(parts) < kit_count[who], len(parts), favourite)
        kit = personal[who, slot]
        role = KITS.role[kit]
        uses = crew_uses(who, kit, seed) & ~in_stock[who[:, None], role]
        per_project = np.where(lasts[role] & done[who, slot][:, None], REBUY_LASTING, ROLE_PER_PROJECT)
        bought = uses & (rng.random(role.shape) < per_project) & (role >= 0)
        bought[:, 0] |= ~bought.any(axis=1)
        bought &= np.cumsum(bought, axis=1) <= need[who][:, None]
        need[who] -= bought.sum(axis=1)
        done[who, slot] = True
        row, column = np.nonzero(bought)
        # Most projects are bought at once; the others return for the later roles.
        style = pick(TRIP_STYLES, rng.random(len(who)))[row]
        trip = np.where(style > 0, column >= 3, 0) + np.where(style > 1, column >= 5, 0)
        parts.append(Lines(who[row], kit[row], role[row, column], projects + row, trip))
        projects += len(who)
    return Lines(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True))), done
