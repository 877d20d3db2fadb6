"""One customer: what to offer, what they may reorder, and what they stopped buying."""

from typing import Any

import streamlit as st

from choosing import choose
from context import Context
from drawing import card
from offers import rows_of, show_offers, worth
from visit_notes import show_notes
from words import day, money, plain

PARAMETER = "customer"


def page(context: Context) -> None:
    """Draw the page."""
    customer = choose_customer(context)
    if customer is None:
        return
    st.title(plain(customer["customer_name"]))
    show_brief(context, customer["customer_id"])
    show_offers(context, customer["customer_id"])
    show_reorders(context, customer["customer_id"])
    show_lost(context, customer["customer_id"])
    show_notes(context, customer["customer_id"])
    with st.container(key="on-screen-only"):
        st.caption("To print this page, use your browser's Print command. Menus, buttons and forms are left out.")


def choose_customer(context: Context) -> dict[str, Any] | None:
    """Let the person choose one of their customers; the page's URL may name one."""
    rows = context.rows_seen(
        "select customer_id, customer_name, account_manager from account_brief order by customer_name, customer_id"
    )
    customers = {row["customer_id"]: row for row in rows}
    if not customers:
        st.info(plain(context.person.sight.why_nothing or "This run has no customers."))
        return None
    return choose(PARAMETER, customers, "That customer is not one of yours, or no longer exists.")


def show_brief(context: Context, customer_id: str) -> None:
    """Show the customer's summary."""
    brief = context.published.row("from account_brief where customer_id = $customer", customer=customer_id)
    st.markdown(plain(brief["sentence"]))
    facts = [
        plain(customer_id),
        *([f"Account manager: {plain(brief['account_manager'])}"] if brief["account_manager"] else []),
        f"Last order: {day(brief['last_order_date'])}",
        f"Expected, next 4 weeks: {money(brief['expected_value'])} (usual {money(brief['usual_value'])})",
        f"Sales, last 365 days: {money(brief['turnover_365_days'])}",
    ]
    if context.shows_margins and brief["expected_margin"] is not None:
        facts.append(f"Expected margin: {money(brief['expected_margin'])}")
    st.caption(" · ".join(facts))
    if brief["white_space"]:
        st.markdown(f"**Similar customers also buy from:** {plain(brief['white_space'])}")


def show_reorders(context: Context, customer_id: str) -> None:
    """Show what the customer may buy again, with its chance if there is one."""
    st.header("May reorder")
    rows = rows_of(context, "reorders_due", customer_id)
    st.caption(
        "What this customer may buy again in the next four weeks, most likely first."
        if rows
        else "No reorder is likely in the next four weeks."
    )
    for row in rows:
        likelihood = plain((row["likelihood"] or "due (likelihood unknown)").capitalize())
        card(row, f"{likelihood} · {worth(context, row)}", row["sentence"])


def show_lost(context: Context, customer_id: str) -> None:
    """Show what the customer used to buy regularly."""
    st.header("Stopped buying")
    rows = rows_of(context, "lost_products", customer_id)
    st.caption(
        f"Ask about {'this product' if len(rows) == 1 else f'these {len(rows):,} products'}, which the customer used "
        "to buy regularly. Values are of the year up to the last purchase."
        if rows
        else "This customer still buys what it used to buy regularly."
    )
    for row in rows:
        card(row, f"was **{money(row['yearly_value'])}** in the year up to the last purchase", row["sentence"])
