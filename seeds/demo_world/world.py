"""What the world contains: regions, catalogue, trades, kits and words, read from the files beside this one.

In a cell with several values `` | `` stands between them, and a number behind a value is its share or chance. The order
of rows and of values counts: it decides what a draw means.
"""

import csv
import tomllib
from pathlib import Path
from typing import Any, NamedTuple


class Region(NamedTuple):
    """One sales region."""

    name: str
    share: float  # of the customers, beside the other regions
    cold: float  # 0 to 1
    hot: float
    cities: list[list[str]]  # [city, state]


class Category(NamedTuple):
    """One L3 category of the catalogue; a product is brand x kind x option."""

    l2: str
    l3: str
    price: tuple[float, float]  # cheapest and dearest usual unit price in dollars; what is listed later is dearer
    units: int  # usual quantity on one invoice line
    lasts: bool  # a tool: a customer that has one rarely buys it again for the next project
    by_climate: bool  # only projects sell it, never a line of chance: no de-icer in Phoenix, no pool shock in Buffalo
    brands: list[str]
    kinds: list[str]
    options: list[str]

    @property
    def capacity(self) -> int:
        """How many different names brand x kind x option gives."""
        return len(self.brands) * len(self.kinds) * len(self.options)


class Trade(NamedTuple):
    """One value of ``end_use``."""

    name: str
    share: float  # of the customers, beside the other trades
    specialities: dict[str, float]  # what some of its customers concentrate on, hidden from the files -> share
    own_l2: list[str]  # what the trade regards as its own
    business_words: list[str]
    fancy_names: list[str]


class Kit(NamedTuple):
    """The shopping list of one kind of project."""

    trade: str
    speciality: str
    name: str
    share: float  # beside the other kits of its speciality
    season: str  # its curve in seasons.toml
    climate: str  # any; cold or hot: its share follows the region's
    roles: dict[str, float]  # L3 category -> chance in percent that a crew uses it; the first starts every project


def _rows(name: str) -> list[dict[str, str]]:
    """Return one CSV file of this folder."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _words(name: str) -> dict[str, Any]:
    """Return one TOML file of this folder."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def _values(cell: str) -> list[str]:
    return cell.split(" | ")


def _numbers(cell: str) -> dict[str, float]:
    return {name: float(number) for name, number in (value.rsplit(" ", 1) for value in _values(cell))}


REGIONS = tuple(
    Region(
        row["region"],
        *(float(row[name]) for name in ("share", "cold", "hot")),
        [city.split(", ") for city in _values(row["cities"])],
    )
    for row in _rows("regions")
)
CATALOGUE = tuple(
    Category(
        row["l2_category"],
        row["l3_category"],
        (float(row["price_from"]), float(row["price_to"])),
        int(row["units"]),
        *(row[name] == "yes" for name in ("lasts", "by_climate")),
        *(_values(row[name]) for name in ("brands", "kinds", "options")),
    )
    for row in _rows("catalogue")
)
TRADES = tuple(
    Trade(
        row["trade"],
        float(row["share"]),
        _numbers(row["specialities"]),
        *(_values(row[name]) for name in ("own_l2", "business_words", "fancy_names")),
    )
    for row in _rows("trades")
)
ALL_KITS = tuple(
    Kit(*row.values())._replace(share=float(row["share"]), roles=_numbers(row["roles"])) for row in _rows("kits")
)
SEASONS: dict[str, list[float]] = _words("seasons")
COMMENTS: dict[str, list[str]] = _words("comments")
NAMES: dict[str, list[Any]] = _words("names")
