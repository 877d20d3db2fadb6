"""What became of what was shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from context import Context
from drawing import intervals, table, with_interval
from words import count, source

NO_PROOF = (
    "Without a hold-out this proves nothing: many customers would have bought it anyway. It shows where lists are "
    "taken up, not that they are the reason."
)
# How the members of a dimension are ordered; the dimensions in the order of reading.
ORDERS = {
    "source": "pairs desc, member",
    "first rank": "try_cast(member as integer), member",
    "rating": "array_position(['High', 'Medium', 'Low', 'not rated'], member), member",
    "month shown": "member desc",
}


def page(context: Context) -> None:
    """Draw the page."""
    st.title("Impact")
    show_adoption(context)
    show_calibration(context)
    show_ledger(context)
    show_uplift(context)


def show_adoption(context: Context) -> None:
    """Show how much of what was shown was bought for the first time."""
    st.header("Was it bought?")
    every = context.published.row("from adoption_metrics where dimension = 'all'")
    if not every or not every["pairs"]:
        st.write("Nothing was shown yet that could have been bought since.")
        return
    days, shown = adoption_days(context), count(every["pairs"], "product")
    if every["mature"]:
        st.markdown(
            f"{shown} shown to a customer, {every['mature']:,} at least {days} days ago. "
            f"Bought within {days} days: **{every['adopted']:,}**, {with_interval(every)}."
        )
    else:
        st.markdown(f"{shown} shown to a customer, none {days} days ago yet: too early to say what was bought.")
    st.caption(NO_PROOF)
    dimension = st.selectbox("Split by", dimensions(context), format_func=str.capitalize, key="dimension")
    rows = members(context, dimension)
    intervals(rows, "shown", [row["shown"] for row in rows])
    table(
        [{**row, "interval": with_interval(row)} for row in rows],
        {
            "shown": dimension.capitalize(),
            "pairs": "Shown",
            "mature": "Window over",
            "adopted": "Bought",
            "interval": "Share, 95 % interval",
        },
    )


def adoption_days(context: Context) -> str:
    """Return the length of the window, as the run's parameters say it."""
    row = context.published.row(
        "select json_extract_string(parameters, '$.adoption_window_days') as days from build_runs where run_id = $run",
        run=context.published.run.run_id,
    )
    return (row or {}).get("days") or "90"


def dimensions(context: Context) -> list[str]:
    """List what adoption can be split by, what says most first."""
    rows = context.published.rows("select distinct dimension from adoption_metrics where dimension <> 'all'")
    order = list(ORDERS)
    return sorted(
        (row["dimension"] for row in rows), key=lambda name: (order.index(name) if name in order else 99, name)
    )


def members(context: Context, dimension: str) -> list[dict[str, Any]]:
    """Return the members of a dimension, with what they are called; of account managers a rep sees her own."""
    rows = context.published.rows(
        f"from adoption_metrics where dimension = $dimension order by {ORDERS.get(dimension, 'pairs desc, member')}",
        dimension=dimension,
    )
    if dimension == "account manager":
        rows = [row for row in rows if context.person.sight.sees(row["member"])]
    return [{**row, "shown": source(row["member"]) if dimension == "source" else row["member"]} for row in rows]


def show_calibration(context: Context) -> None:
    """Show whether what was rated High is bought more often than what was rated Low."""
    st.header("Do ratings say what is bought?")
    rows = context.published.rows("from rating_calibration order by place")
    if not any(row["rated_pairs"] for row in rows):
        st.write("Nothing was rated yet that could have been bought since.")
        return
    intervals(rows, "rating", [row["rating"] for row in rows])
    table(
        [{**row, "interval": with_interval(row)} for row in rows],
        {
            "rating": "Rating",
            "rated_pairs": "Rated",
            "mature": "Window over",
            "bought": "Bought",
            "interval": "Share, 95 % interval",
        },
    )


def show_ledger(context: Context) -> None:
    """Say how much is on lists now, and why the rest is not any more."""
    st.header("What became of places on lists")
    rows = context.published.rows(
        """
        select coalesce(ended_because, 'still on the list') as state, count(*) as places,
            count(distinct customer_id) as customers
        from shown_ledger
        group by state
        order by places desc, state
        """
    )
    table(rows, {"state": "State", "places": "Places", "customers": "Customers"})


def show_uplift(context: Context) -> None:
    """Show the difference that lists make, where a part of the customers goes without."""
    st.header("What do the lists add?")
    rows = context.published.rows("from uplift order by place, period")
    if not rows:
        st.write(
            "Nobody is held out, or only since today, so nobody can say. With the parameter holdout_share a part of "
            "the customers is shown no lists, and this page compares the two."
        )
        return
    first = rows[0]
    st.write(
        f"{count(first['shown_customers'], 'customer')} with a list beside {first['held_out_customers']:,} held out by "
        "lot. Believe a difference when its interval is above 0 after the start, and has 0 in it before."
    )
    table(
        [
            {**row, "outcome": row["outcome"].replace("_", " ").capitalize(), "difference": difference(row)}
            for row in rows
        ],
        {
            "outcome": "For each customer",
            "period": "Period",
            "shown_mean": "With a list",
            "held_out_mean": "Held out",
            "difference": "Difference, 95 % interval",
            "smallest_visible_difference": "Smallest visible",
        },
        shown_mean=rounded,
        held_out_mean=rounded,
        smallest_visible_difference=rounded,
    )


def difference(row: dict[str, Any]) -> str:
    """Write a difference with its bounds."""
    if row["difference_low"] is None:
        return "not known yet"
    return f"{rounded(row['difference'])} ({rounded(row['difference_low'])} to {rounded(row['difference_high'])})"


def rounded(value: float | None) -> str:
    """Write a mean, with the digits that matter."""
    return "" if value is None else f"{value:,.3f}" if abs(value) < 10 else f"{value:,.0f}"
