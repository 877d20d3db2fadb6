"""When things happen: three years of days numbered from 0, seasons, and no Sundays."""

import numpy as np

from demo_world.chance import below
from demo_world.projects import KITS, Lines
from demo_world.world import SEASONS

FIRST_DAY = np.datetime64("2023-01-01")
LAST_DAY = np.datetime64("2025-12-31")
DAYS = int((LAST_DAY - FIRST_DAY).astype(int)) + 1
WEEKDAYS = (1.15, 1.10, 1.05, 1.00, 1.10, 0.45, 0.05)  # relative demand, Monday first
ESTABLISHED_SHARE = 0.65  # customers that were there before the first day
LAPSED_SHARE = 0.12  # customers that stopped buying before the end
SHOP_TOGETHER_DAYS = 60  # a crew with two jobs within so many days shops for both at once
SAVE_THE_WAY_DAYS = 60  # a job within so many days of a visit for restocking is shopped for on that visit


def weekday(day: np.ndarray) -> np.ndarray:
    """0 on a Monday, 6 on a Sunday."""
    return (day + int(FIRST_DAY.astype(int)) + 3) % 7


def active_days(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """First and last day on which each customer may buy."""
    arrival = np.maximum(rng.random(count) - ESTABLISHED_SHARE, 0.0) / (1.0 - ESTABLISHED_SHARE)
    start = below(DAYS - 120, arrival)
    lapsed = rng.random(count) < LAPSED_SHARE
    leaving = start + 90 + below(DAYS - 90 - start, rng.random(count))
    return start, np.where(lapsed, np.minimum(leaving, DAYS - 1), DAYS - 1)


def make_days(
    lines: Lines, window: tuple[np.ndarray, np.ndarray], visits: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the day of every line: a project day by season, later trips one to four weeks after it.

    ``window`` is each customer's first and last day; ``visits`` are the days on which customers come by anyway, as
    customer x DAYS + day, in order.
    """
    day_of = _project_days(lines, *window, visits, rng)
    gap = 6 + below(22, rng.random((len(day_of), 2)))
    later = np.where(lines.visit > 0, gap[lines.project, 0], 0) + np.where(lines.visit > 1, gap[lines.project, 1], 0)
    day = day_of[lines.project] + later
    day += weekday(day) == 6  # closed on Sundays: the next morning
    return np.where(day < DAYS, day, day_of[lines.project])


def _project_days(
    lines: Lines, start: np.ndarray, end: np.ndarray, visits: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the day of every project, by the season of its kit."""
    first_line = np.full(int(lines.project.max()) + 1, -1, dtype=np.int64)
    first_line[lines.project[::-1]] = np.arange(len(lines.project))[::-1]
    day_of = np.zeros(len(first_line), dtype=np.int64)
    first_line = first_line[first_line >= 0]
    customer, season = lines.customer[first_line], KITS.season[lines.kit[first_line]]
    curves = _season_curves()
    low, high = curves[season, start[customer]], curves[season, end[customer] + 1]
    target = low + (high - low) * rng.random(len(first_line))
    # One search over all curves at once: curve s occupies the numbers s .. s + 1.
    stacked = (curves[:, 1:] + np.arange(len(curves))[:, None]).ravel()
    day = np.searchsorted(stacked, target + season, side="right") - season * DAYS
    day = np.clip(day, start[customer], end[customer])
    order = np.argsort(customer * DAYS + day, kind="stable")
    before, after = order[:-1], order[1:]
    joined = (customer[after] == customer[before]) & (day[after] - day[before] <= SHOP_TOGETHER_DAYS)
    day[after] = np.where(joined, day[before], day[after])
    day_of[lines.project[first_line]] = _nearest_visit(customer, day, visits)
    return day_of


def _nearest_visit(customer: np.ndarray, day: np.ndarray, visits: np.ndarray) -> np.ndarray:
    """Return the day, or the customer's visit nearest to it where one is near enough to save the way."""
    moment = customer * DAYS + day
    near = day.copy()
    apart = np.full(len(day), SAVE_THE_WAY_DAYS + 1)
    after = np.searchsorted(visits, moment)
    for place in (after - 1, after):
        visit = visits[np.clip(place, 0, len(visits) - 1)] if len(visits) else moment
        distance = np.abs(visit - moment)
        nearer = (visit // DAYS == customer) & (distance < apart)
        near[nearer], apart[nearer] = visit[nearer] % DAYS, distance[nearer]
    return near


def busyness(season: str) -> np.ndarray:
    """Relative demand of a season (seasons.toml) on every day."""
    month = (FIRST_DAY + np.arange(DAYS)).astype("datetime64[M]").astype(np.int64) % 12
    return np.array(SEASONS[season])[month]


def _season_curves() -> np.ndarray:
    """Cumulative demand over the days, shape (seasons, DAYS + 1), each row from 0 to 1."""
    by_weekday = np.array(WEEKDAYS)[weekday(np.arange(DAYS))]
    curves = np.zeros((len(SEASONS), DAYS + 1))
    for index, season in enumerate(SEASONS):
        # A little demand is left in the deadest month: without it a customer of that month only has no day to buy on.
        demand = (busyness(season) + 0.002) * by_weekday
        curves[index, 1:] = np.cumsum(demand)
        curves[index] /= curves[index, -1]
    return curves


def separate_repeats(
    customer: np.ndarray, product: np.ndarray, day: np.ndarray, products: int, rng: np.random.Generator
) -> np.ndarray:
    """Move lines to another day until no invoice (customer and day) lists a product twice."""
    day = day.copy()
    pair = customer * products + product
    suspects = np.arange(len(day))
    for _ in range(100):
        order = suspects[np.argsort(pair[suspects] * DAYS + day[suspects], kind="stable")]
        same = (pair[order[1:]] == pair[order[:-1]]) & (day[order[1:]] == day[order[:-1]])
        repeated = order[1:][same]
        if len(repeated) == 0:
            break
        step = 1 + below(26, rng.random(len(repeated)))
        step += weekday(day[repeated] + step) == 6
        moved = day[repeated] + step
        day[repeated] = np.where(moved < DAYS, moved, day[repeated] - step)
        if len(suspects) == len(day):  # only lines of these customers and products can clash again
            suspects = np.flatnonzero(np.isin(pair, np.unique(pair[repeated])))
    return day
