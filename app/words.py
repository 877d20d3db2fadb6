"""Values as people read them."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st

MIDNIGHT = time(tzinfo=UTC)
# What Streamlit's markdown would take for formatting, a formula, an icon or a color.
SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|~<>$:&-])")
REASONS = {
    "buys_elsewhere": "Buys it elsewhere",
    "no_need": "No need for it",
    "price": "Price",
    "out_of_stock": "Out of stock",
    "wrong_fit": "Wrong fit",
}
SOURCES = {
    "association": "Bought together",
    "learned": "Learned from purchases",
    "cluster_popularity": "Popular with similar customers",
    "segment_popularity": "Popular in the segment",
    "overall_popularity": "Popular overall",
    "pinned": "Chosen by hand",
}


def plain(text: object) -> str:
    """Return a text that Streamlit's markdown shows as it is."""
    return SIGNS.sub(r"\\\1", " ".join(str(text).split()))


def money(value: Decimal | float | None) -> str:
    """Write an amount in the currency of the price list, without cents."""
    return "no price" if value is None else f"{value:,.0f}"


def share(value: float | None, digits: int = 0) -> str:
    """Write a share as a percentage."""
    return "none yet" if value is None else f"{100 * value:.{digits}f}%"


def count(number: int, one: str) -> str:
    """Write a number with its noun: 1 customer, 2 customers."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def day(value: date | None) -> str:
    """Write a day: December 31, 2025."""
    return "never" if value is None else f"{value:%B} {value.day}, {value.year}"


def moment(value: datetime | str) -> str:
    """Write a moment in the browser's time zone, or else with `UTC`: December 31, 2025, 2:05 PM."""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    if when.timetz() == MIDNIGHT:
        return day(when)  # A date that was given without a time stays that date in every time zone.
    try:
        zone = ZoneInfo(st.context.timezone or "")
    except (OSError, ValueError):
        return f"{day(when)}, {clock(when)} UTC"
    local = when.astimezone(zone)
    return f"{day(local)}, {clock(local)}"


def clock(when: datetime) -> str:
    """Write a time of day: 2:05 PM."""
    return f"{when:%I:%M %p}".removeprefix("0")


def source(word: str | None) -> str:
    """Write why a product is on a list."""
    return SOURCES.get(word or "", str(word))
