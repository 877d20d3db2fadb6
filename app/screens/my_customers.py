"""The call list: which customers to call today, and why."""

from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from context import Context
from drawing import boxes, first
from ipre.serving import ORDER_STATES
from screens.customer import PARAMETER
from words import count, money, plain

ALL = "All account managers"
# Order of the list -> the columns of account_brief that add up to it, and the caption.
ORDERS = {
    "Highest expected sales": (
        "expected_value + offers_value",
        "Best call first: expected reorders in the next four weeks plus what today's offers could add.",
    ),
    "Most at risk": (
        "at_risk_value",
        "Sorted by how far expected sales are below the usual four weeks, the largest shortfall first.",
    ),
}
# Total -> what it is.
HELP = {
    "Offers could add": "Value times the chance of a first purchase in four weeks; 1% where no chance is known.",
    "At risk": "Sum of each customer's shortfall; gains of others do not offset it.",
}
# List of the day -> its name, the columns with its count and value, and how the value is written.
LISTS = {
    "reorders_due": ("May reorder", "reorders_due", "reorder_value", "worth {}"),
    "lost_products": ("Stopped buying", "lost_products", "lost_value", "was {} in the year up to the last purchase"),
    "final_recommendations": ("To offer", "offers", "offers_value", "about {} expected"),
}
# In Streamlit's markdown.
NEW_LINE = "  \n"
# Products named from each.
NAMES = 3
COLORS = {"on schedule": "green", "late": "orange", "silent": "red"}


def page(context: Context, customer_page: StreamlitPage) -> None:
    """Draw the page."""
    st.title("My customers")
    managers = managers_to_show(context)
    if not managers:
        st.info(plain(context.person.sight.why_nothing or "No customer has an account manager."))
        return
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    with left:
        manager = choose_manager(context, managers)
    with middle:
        order = st.selectbox("Sort by", list(ORDERS), key="order")
    with right:
        states = st.multiselect(
            "Ordering activity", list(ORDER_STATES), key="states", format_func=ORDER_STATES.get, placeholder="Any"
        )
    rows = call_list(context, manager, states, order)
    show_totals(rows)
    if not context.published.row("from reorder_weights where name = 'learned'")["value"]:
        st.caption("Too little history to estimate chances: expected sales equal usual sales, so At risk shows 0.")
    show_list(context, customer_page, rows, order)


def managers_to_show(context: Context) -> list[str]:
    """Return the account managers whose customers this person may see, by name."""
    sight = context.person.sight
    found = [name for name in context.published.account_managers if sight.sees(name)]
    return [ALL, *found] if sight.managers is None else found


def choose_manager(context: Context, managers: list[str]) -> str:
    """Let the person choose whose customers to see, at first their own."""
    if len(managers) == 1:
        st.markdown("All customers" if managers == [ALL] else f"Customers of **{plain(managers[0])}**")
        return managers[0]
    if st.session_state.get("manager_for") != context.person.name:
        st.session_state["manager_for"] = context.person.name
        st.session_state["manager"] = context.person.name if context.person.name in managers else managers[0]
    st.session_state.setdefault("manager", managers[0])
    return st.selectbox("Customers of", managers, key="manager")


def call_list(context: Context, manager: str, states: list[str], order: str) -> list[dict[str, Any]]:
    """Return the customers in their order. order: one of ORDERS, which holds across account managers, too."""
    return context.published.rows(
        f"""
        select *
        from account_brief
        where ($everybody or account_manager = $manager) and (len($states) = 0 or list_contains($states, order_state))
        order by {ORDERS[order][0]} desc, customer_id
        """,
        everybody=manager == ALL and context.person.sight.managers is None,
        manager=manager,
        states=states,
    )


def show_totals(rows: list[dict[str, Any]]) -> None:
    """Show the totals of these customers."""
    totals = {
        "Expected, next 4 weeks": money(sum(row["expected_value"] for row in rows)),
        "Usual 4 weeks": money(sum(row["usual_value"] for row in rows)),
        "Offers could add": money(sum(row["offers_value"] for row in rows)),
        "At risk": money(sum(row["at_risk_value"] for row in rows)),
        "Late or inactive": f"{sum(row['order_state'] in ('late', 'silent') for row in rows):,} of {len(rows):,}",
    }
    with st.container(key="totals"):
        for column, (name, value) in zip(st.columns(len(totals)), totals.items(), strict=True):
            column.metric(name, value, help=HELP.get(name))


def show_list(context: Context, customer_page: StreamlitPage, rows: list[dict[str, Any]], order: str) -> None:
    """Show the first customers, and more on request."""
    st.caption(f"{count(len(rows), 'customer')}. {ORDERS[order][1]}")
    names = {table: names_by_customer(context, table, first(rows, "shown")) for table in LISTS}
    boxes(
        rows,
        "shown",
        lambda position, row: show_customer(
            customer_page, position, row, {table: found.get(row["customer_id"]) for table, found in names.items()}
        ),
    )


def names_by_customer(context: Context, table: str, rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the first products of a list of the day by name, for these customers: customer_id -> names."""
    found = context.published.rows(
        f"select customer_id, list(product_name order by rank) as names from {table} "
        f"where rank <= {NAMES} and list_contains($customers, customer_id) group by customer_id",
        customers=[row["customer_id"] for row in rows],
    )
    return {row["customer_id"]: row["names"] for row in found}


def show_customer(
    customer_page: StreamlitPage, position: int, row: dict[str, Any], names: dict[str, list[str] | None]
) -> None:
    """Show one customer of the call list. names: table -> its first products."""
    name, state, value = st.columns([5, 2, 4], vertical_alignment="center")
    with name:
        st.page_link(
            customer_page,
            label=f"**{position}. {plain(row['customer_name'])}**",
            query_params={PARAMETER: row["customer_id"]},
        )
    state.badge(ORDER_STATES[row["order_state"]], color=COLORS.get(row["order_state"], "gray"))
    value.markdown(f"Expected **{money(row['expected_value'])}** · usual {money(row['usual_value'])}")
    st.markdown(plain(row["sentence"]))
    lines = []
    for table, (words, how_many, worth, written) in LISTS.items():
        if names[table]:
            more = row[how_many] - len(names[table])
            listed = "; ".join(plain(product) for product in names[table])
            others = f"; and {more:,} more" if more > 0 else ""
            lines.append(f"**{words}** ({written.format(money(row[worth]))}): {listed}{others}")
    lines.append(f"{row['unrated']:,} of {row['offers']:,} offers not rated yet")
    st.caption(NEW_LINE.join(lines))
