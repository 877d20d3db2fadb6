"""What customers bought of what was shown to them."""

from typing import Any

import streamlit as st

from context import Context
from drawing import intervals, table, with_interval
from words import count, source

NOT_PROOF = (
    "Without a hold-out group this is not proof: many customers would have bought these products anyway. It shows "
    "which recommendations customers follow, not why."
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
    """Show how many of the recommendations shown were followed by a first purchase."""
    st.header("Did customers buy it?")
    every = context.published.row("from adoption_metrics where dimension = 'all'")
    if not every or not every["pairs"]:
        st.write("No list has been shown long enough to tell.")
        return
    days, shown = adoption_days(context), count(every["pairs"], "recommendation")
    if every["mature"]:
        st.markdown(
            f"{shown} shown, {every['mature']:,} of them at least {days} days ago. "
            f"Bought within {days} days: **{every['adopted']:,}**, {with_interval(every)}."
        )
    else:
        st.markdown(f"{shown} shown, all less than {days} days ago: too early to tell.")
    st.caption(NOT_PROOF)
    dimension = st.selectbox("Split by", dimensions(context), format_func=str.capitalize, key="dimension")
    rows = members(context, dimension)
    intervals(rows, "shown")
    table(
        [{**row, "interval": with_interval(row)} for row in rows],
        {
            "shown": dimension.capitalize(),
            "pairs": "Shown",
            "mature": f"Shown {days}+ days ago",
            "adopted": "Bought",
            "interval": "Share bought, 95% interval",
        },
    )


def adoption_days(context: Context) -> int:
    """Return the days within which a purchase counts, from the run's parameters."""
    return context.published.parameters.get("adoption_window_days", 90)


def dimensions(context: Context) -> list[str]:
    """Return the dimensions that adoption can be split by, the most useful first."""
    rows = context.published.rows("select distinct dimension from adoption_metrics where dimension <> 'all'")
    found = {row["dimension"] for row in rows}
    return [name for name in ORDERS if name in found] + sorted(found - ORDERS.keys())


def members(context: Context, dimension: str) -> list[dict[str, Any]]:
    """Return the members of a dimension with their labels; of account managers a rep sees only her own."""
    rows = context.published.rows(
        f"from adoption_metrics where dimension = $dimension order by {ORDERS.get(dimension, 'pairs desc, member')}",
        dimension=dimension,
    )
    if dimension == "account manager":
        rows = [row for row in rows if context.person.sight.sees(row["member"])]
    return [{**row, "shown": source(row["member"]) if dimension == "source" else row["member"]} for row in rows]


def show_calibration(context: Context) -> None:
    """Show whether customers buy products rated High more often than those rated Low."""
    st.header("Do ratings predict purchases?")
    rows = context.published.rows("from rating_calibration order by place")
    if not any(row["rated_pairs"] for row in rows):
        st.write("No rating is old enough to tell.")
        return
    intervals(rows, "rating")
    table(
        [{**row, "interval": with_interval(row)} for row in rows],
        {
            "rating": "Rating",
            "rated_pairs": "Rated",
            "mature": f"Rated {adoption_days(context)}+ days ago",
            "bought": "Bought",
            "interval": "Share bought, 95% interval",
        },
    )


def show_ledger(context: Context) -> None:
    """Show how many recommendations are on lists now, and why the others left."""
    st.header("What happened to recommendations")
    rows = context.published.rows(
        """
        select coalesce(ended_because, 'still on the list') as "Status", count(*) as "Recommendations",
            count(distinct customer_id) as "Customers"
        from shown_ledger
        group by "Status"
        order by "Recommendations" desc, "Status"
        """
    )
    table(rows, Status=str.capitalize)


def show_uplift(context: Context) -> None:
    """Show the difference that lists make, if some customers are held out."""
    st.header("What do the lists add?")
    rows = context.published.rows("from uplift order by place, period")
    if not rows:
        st.write(
            "No customers are held out yet, so there is nothing to compare. Set the parameter holdout_share: ipre then "
            "shows no lists for that share of customers, and this page compares the two groups."
        )
        return
    first = rows[0]
    st.write(
        f"{count(first['shown_customers'], 'customer')} with a list, {first['held_out_customers']:,} held out at "
        "random. Trust a difference only if its interval is above 0 after the hold-out began and includes 0 before."
    )
    table(
        [
            {
                "Per customer": row["outcome"].replace("_", " ").capitalize(),
                "Period": row["period"],
                "With a list": rounded(row["shown_mean"]),
                "Held out": rounded(row["held_out_mean"]),
                "Difference, 95% interval": difference(row),
                "Smallest detectable": rounded(row["smallest_visible_difference"]),
            }
            for row in rows
        ]
    )


def difference(row: dict[str, Any]) -> str:
    """Write a difference with its bounds."""
    if row["difference_low"] is None:
        return "not known yet"
    return f"{rounded(row['difference'])} ({rounded(row['difference_low'])} to {rounded(row['difference_high'])})"


def rounded(value: float | None) -> str:
    """Write a mean: three decimals below 10, else none."""
    return "" if value is None else f"{value:,.3f}" if abs(value) < 10 else f"{value:,.0f}"
