"""How values are written for people."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st

# What Streamlit's markdown would take for formatting, a formula, an icon or a colour.
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
    "pinned": "Pinned by hand",
}


def plain(text: object) -> str:
    """Return a text as it is, wherever Streamlit reads markdown."""
    return SIGNS.sub(r"\\\1", " ".join(str(text).split()))


def money(value: Decimal | float | None) -> str:
    """Write an amount, in the currency of the price list, without its cents."""
    return "no price" if value is None else f"{value:,.0f}"


def share(value: float | None, digits: int = 0) -> str:
    """Write a share as per cent."""
    return "none yet" if value is None else f"{100 * value:.{digits}f} %"


def count(number: int, one: str, many: str | None = None) -> str:
    """Write how many of what."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def day(value: date | None) -> str:
    """Write a day: 31 December 2025."""
    return "never" if value is None else f"{value.day} {value:%B %Y}"


def moment(value: datetime | str) -> str:
    """Write a moment in the time of the reader's browser; in UTC, and saying so, where it does not tell."""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    try:
        zone = ZoneInfo(st.context.timezone or "")
    except (OSError, ValueError):
        return f"{day(when)}, {when:%H:%M} UTC"
    local = when.astimezone(zone)
    return f"{day(local)}, {local:%H:%M}"


def source(word: str | None) -> str:
    """Write what brought a product onto a list."""
    return SOURCES.get(word or "", str(word))
