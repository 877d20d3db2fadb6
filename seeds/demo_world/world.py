"""What the world contains: regions, catalogue, trades and names, read from the TOML files beside this one."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple


class Region(NamedTuple):
    """One sales region."""

    name: str
    share: float
    cold: float
    hot: float
    cities: list[list[str]]  # [city, state]


class Category(NamedTuple):
    """One L3 category of the catalogue; catalogue.toml says what the fields mean."""

    l2: str
    l3: str
    price: list[float]  # cheapest, dearest
    units: int
    brands: list[str]
    kinds: list[str]
    options: list[str]
    lasts: bool = False
    by_climate: bool = False

    @property
    def capacity(self) -> int:
        """How many different names brand x kind x option gives."""
        return len(self.brands) * len(self.kinds) * len(self.options)


class Kit(NamedTuple):
    """The shopping list of one kind of project."""

    name: str
    share: float
    roles: list[tuple[str, int]]  # L3 category, chance in percent
    season: str = "general"
    climate: str = "any"


class Speciality(NamedTuple):
    """What some customers of a trade concentrate on; hidden from the files."""

    name: str
    share: float
    kits: list[Kit]


class Trade(NamedTuple):
    """One value of ``end_use``."""

    name: str
    share: float
    own_l2: list[str]
    business_words: list[str]
    fancy_names: list[str]
    specialities: list[Speciality]


def _read(name: str) -> dict[str, Any]:
    """One TOML file of this folder."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def _region(name: str, cities: list[str], **fields: float) -> Region:
    return Region(name, cities=[city.split(", ") for city in cities], **fields)


def _speciality(name: str, share: float, kits: dict[str, dict[str, Any]]) -> Speciality:
    return Speciality(name, share, [Kit(kit, **fields) for kit, fields in kits.items()])


def _trade(name: str, specialities: dict[str, dict[str, Any]], **fields: Any) -> Trade:
    return Trade(name, specialities=[_speciality(one, **rest) for one, rest in specialities.items()], **fields)


REGIONS = tuple(_region(name, **fields) for name, fields in _read("regions").items())
CATALOGUE = tuple(
    Category(l2, l3, **fields) for l2, shelf in _read("catalogue").items() for l3, fields in shelf.items()
)
TRADES = tuple(_trade(name, **fields) for name, fields in _read("trades").items())
SEASONS: dict[str, list[float]] = _read("seasons")
COMMENTS: dict[str, list[str]] = _read("comments")
NAMES: dict[str, list[Any]] = _read("names")
