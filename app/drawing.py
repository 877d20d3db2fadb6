"""Tables and charts of the pages, made so that keyboards and screen readers can reach them."""

from collections.abc import Callable
from typing import Any

import altair
import pandas
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ipre.serving import Rows
from words import plain, share

# Different for people who cannot tell red from green, and on gray paper.
COLORS = ["#1f5fa8", "#8fbce6", "#c9c9c9"]
# Labels that are read without turning the head.
ACROSS = altair.Axis(labelAngle=0)
# Rows of a long list that are shown at first, and with each request for more.
AT_ONCE = 20


def table(rows: Rows, columns: dict[str, str] | None = None, **written: Callable[[Any], str]) -> None:
    """Draw rows as a plain HTML table.

    columns: name -> heading; without them names are headings. written: column -> function that writes its values.
    """
    columns = columns or {name: name for row in rows[:1] for name in row}
    cells = [
        {heading: plain(written.get(name, blank_for_nothing)(row[name])) for name, heading in columns.items()}
        for row in rows
    ]
    st.table(pandas.DataFrame(cells, columns=list(columns.values())), hide_index=True)


def card(row: dict[str, Any], amount: str, sentence: str) -> DeltaGenerator:
    """Draw a product of a list in a box: rank, name and amount, and below them what to say. Return the box."""
    box = st.container(border=True)
    with box:
        name, beside = st.columns([3, 1])
        name.markdown(f"**{row['rank']}. {plain(row['product_name'])}**")
        beside.markdown(amount)
        st.markdown(plain(sentence))
    return box


def boxes(rows: Rows, name: str, show: Callable[[int, dict[str, Any]], None]) -> None:
    """Show the first rows, each in a box, and more on request. name: under which the session keeps how many."""
    shown = first(rows, name)
    for position, row in enumerate(shown, start=1):
        with st.container(border=True):
            show(position, row)
    if len(rows) > len(shown) and st.button(f"Show {AT_ONCE} more"):
        st.session_state[name] = len(shown) + AT_ONCE
        st.rerun()


def first(rows: Rows, name: str) -> Rows:
    """Return the rows that `boxes` shows."""
    return rows[: st.session_state.get(name, AT_ONCE)]


def blank_for_nothing(value: Any) -> str:
    """Write a value: None as nothing, a whole number with commas."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def stacked_bars(rows: Rows, x: str, y: str, color: str, order: list[str]) -> None:
    """Draw counts as bars, one part for each member of `color`, the first of `order` at the bottom."""
    data = pandas.DataFrame([{**row, "layer": order.index(row[color])} for row in rows])
    scale = altair.Scale(domain=order[::-1], range=COLORS[: len(order)])
    chart = (
        altair.Chart(data)
        .mark_bar()
        .encode(
            x=altair.X(x, type="ordinal", title=None),
            y=altair.Y(y, type="quantitative", title=y.capitalize()),
            color=altair.Color(color, type="nominal", title=None, scale=scale, legend=altair.Legend(orient="top")),
            order=altair.Order("layer", type="quantitative"),
        )
    )
    st.altair_chart(chart.properties(height=320))


def intervals(
    rows: Rows, name: str, value: str = "rate", title: str = "Share bought, with 95% interval", form: str = ".0%"
) -> None:
    """Draw values with their intervals, one line per row, in the given order. form: of the axis labels."""
    known = [row for row in rows if row[value] is not None]
    if not known:
        return
    order = [row[name] for row in known]
    base = altair.Chart(pandas.DataFrame(known)).encode(
        y=altair.Y(name, type="nominal", sort=order, title=None, axis=altair.Axis(labelLimit=240))
    )
    axis = altair.Axis(format=form, tickCount=6, titleAnchor="end")
    bars = base.mark_rule(strokeWidth=2).encode(
        x=altair.X(f"{value}_low", type="quantitative", title=title, axis=axis), x2=f"{value}_high"
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(x=altair.X(value, type="quantitative"))
    st.altair_chart((bars + points).properties(height=90 + 36 * len(known)))


def predicted_and_happened(rows: Rows) -> None:
    """Draw the predicted and the actual share of each tenth, as two bars beside each other."""
    names = {"predicted": "Predicted", "found": "Happened"}
    data = pandas.DataFrame(
        [{"tenth": row["tenth"], "what": words, "share": row[name]} for row in rows for name, words in names.items()]
    )
    order = list(names.values())
    scale = altair.Scale(domain=order, range=COLORS[1::-1])
    chart = (
        altair.Chart(data)
        .mark_bar()
        .encode(
            x=altair.X(
                "tenth", type="ordinal", title="Decile of customer-product pairs, least likely first", axis=ACROSS
            ),
            xOffset=altair.XOffset("what", type="nominal", sort=order),
            y=altair.Y("share", type="quantitative", title="Share bought", axis=altair.Axis(format=".0%")),
            color=altair.Color("what", type="nominal", title=None, scale=scale, legend=altair.Legend(orient="top")),
        )
    )
    st.altair_chart(chart.properties(height=300))


def with_interval(row: dict[str, Any]) -> str:
    """Write a rate with its bounds."""
    if row["rate"] is None:
        return "not known yet"
    return f"{share(row['rate'], 1)} ({share(row['rate_low'], 1)} to {share(row['rate_high'], 1)})"
