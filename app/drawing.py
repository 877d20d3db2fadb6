"""Tables and figures as the pages draw them: read by keyboard and by a screen reader, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair
import pandas
import streamlit as st

from words import plain, share

# Told apart by those who see no red or green, and on grey paper.
COLOURS = ["#1f5fa8", "#8fbce6", "#c9c9c9"]
Rows = list[dict[str, Any]]


def table(rows: Rows, columns: dict[str, str], **written: Callable[[Any], str]) -> None:
    """Draw rows as a table of plain HTML. columns: name -> heading; written: how a column's values are written."""
    cells = [
        {heading: plain(written.get(name, blank_for_nothing)(row[name])) for name, heading in columns.items()}
        for row in rows
    ]
    st.table(pandas.DataFrame(cells, columns=list(columns.values())), hide_index=True)


def blank_for_nothing(value: Any) -> str:
    """Write a value; nothing as nothing, and a whole number with its commas."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def whole_number(value: Any) -> str:
    """Write a count that the database gives as a float."""
    return "" if value is None else f"{value:,.0f}"


def stacked_bars(rows: Rows, x: str, y: str, colour: str, order: list[str]) -> None:
    """Draw counts as bars, one part for each member of `colour`, the first of `order` at the bottom."""
    data = pandas.DataFrame([{**row, "layer": order.index(row[colour])} for row in rows])
    scale = altair.Scale(domain=order[::-1], range=COLOURS[: len(order)])
    chart = (
        altair.Chart(data)
        .mark_bar()
        .encode(
            x=altair.X(x, type="ordinal", title=None),
            y=altair.Y(y, type="quantitative", title=None),
            color=altair.Color(colour, type="nominal", title=None, scale=scale, legend=altair.Legend(orient="top")),
            order=altair.Order("layer", type="quantitative"),
        )
    )
    st.altair_chart(chart.properties(height=260))


def intervals(rows: Rows, name: str, order: list[str]) -> None:
    """Draw rates with their 95 % intervals, one line a row. order: the members from top to bottom."""
    known = [row for row in rows if row["rate"] is not None]
    if not known:
        return
    base = altair.Chart(pandas.DataFrame(known)).encode(
        y=altair.Y(name, type="nominal", sort=order, title=None, axis=altair.Axis(labelLimit=240))
    )
    percent = altair.Axis(format=".0%", tickCount=6)
    bars = base.mark_rule(strokeWidth=2).encode(
        x=altair.X("rate_low", type="quantitative", title="bought, with its 95 % interval", axis=percent),
        x2="rate_high",
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(x=altair.X("rate", type="quantitative"))
    st.altair_chart((bars + points).properties(height=60 + 28 * len(known)))


def with_interval(row: dict[str, Any]) -> str:
    """Write a rate with its bounds."""
    if row["rate"] is None:
        return "not known yet"
    return f"{share(row['rate'], 1)} ({share(row['rate_low'], 1)} to {share(row['rate_high'], 1)})"
