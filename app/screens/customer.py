"""One customer: what to say, and what was thought of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from context import Context
from rating_form import WITHDRAWN, Shown, rating_form
from rating_store import RatingEvent, RatingsError, note_opening
from words import count, day, money, plain, source

PARAMETER = "customer"


def page(context: Context) -> None:
    """Draw the page."""
    customer = choose_customer(context)
    if customer is None:
        return
    st.title(plain(customer["customer_name"]))
    show_brief(context, customer["customer_id"])
    offers, due, lost = st.container(), st.container(), st.container()
    with offers:
        show_offers(context, customer["customer_id"])
    with due:
        show_reorders(context, customer["customer_id"])
    with lost:
        show_lost(context, customer["customer_id"])


def choose_customer(context: Context) -> dict[str, Any] | None:
    """Let the person choose one of their customers; the address of the page may name one."""
    customers = {row["customer_id"]: row for row in customers_of(context)}
    if not customers:
        st.info("No customers are assigned to you. Whoever keeps the file `account_managers` can change that.")
        return None
    asked = st.query_params.get(PARAMETER)
    if asked is not None and asked not in customers:
        st.warning("That customer is not one of yours, or is not there any more.")
    if asked in customers and st.session_state.get("asked_for") != asked:
        st.session_state["asked_for"] = st.session_state["customer"] = asked
    if st.session_state.get("customer") not in customers:
        st.session_state["customer"] = None
    chosen = st.selectbox(
        "Customer",
        list(customers),
        key="customer",
        format_func=lambda customer_id: f"{customers[customer_id]['customer_name']} ({customer_id})",
        placeholder="Type a part of the name",
    )
    if chosen is None:
        st.info("Choose a customer.")
        return None
    st.session_state["asked_for"] = st.query_params[PARAMETER] = chosen
    return customers[chosen]


def customers_of(context: Context) -> list[dict[str, Any]]:
    """Give the customers that this person sees, by name."""
    table = "account_brief" if context.published.has("account_brief") else "final_recommendations"
    return context.published.rows(
        f"""
        select distinct customer_id, customer_name
        from {table}
        where $everybody or list_contains($mine, account_manager)
        order by customer_name, customer_id
        """,
        everybody=context.person.mine is None,
        mine=list(context.person.mine or ("",)),
    )


def show_brief(context: Context, customer_id: str) -> None:
    """Say how the customer stands."""
    if not context.published.has("account_brief"):
        st.caption("How the customer stands is not published by this run: build with a version that has account_brief.")
        return
    brief = context.published.row("from account_brief where customer_id = $customer", customer=customer_id)
    st.markdown(plain(brief["sentence"]))
    facts = [
        f"Account manager: {plain(brief['account_manager'] or 'none')}",
        f"Last order: {day(brief['last_order_date'])}",
        f"Turnover of the last 365 days: {money(brief['turnover_365_days'])}",
    ]
    st.caption(" · ".join(facts))
    if brief["white_space"]:
        st.markdown(f"**Similar customers also buy from:** {plain(brief['white_space'])}")


def show_offers(context: Context, customer_id: str) -> None:
    """Show the list, rate it, and note that it was opened."""
    st.header("What to offer")
    offers = context.published.rows(
        "from final_recommendations where customer_id = $customer order by rank", customer=customer_id
    )
    newest = newest_ratings(context, customer_id)
    if offers:
        st.caption(
            "New to this customer. A rating counts from the next build on: High moves a product up, Low down or off the list."
        )
        open_list(context, customer_id)
    else:
        st.write("Nothing to offer: the customer has, or has refused, everything there is.")
    for offer in offers:
        with st.container(border=True):
            show_offer(context, offer, newest)
    show_rated_before(context, customer_id, newest, {offer["recommended_product"] for offer in offers})


def newest_ratings(context: Context, customer_id: str) -> dict[str, RatingEvent] | None:
    """Give the newest event of each product; None, and why, when nothing can be rated."""
    problem = context.problem
    if context.store:
        try:
            return context.store.newest_of_customer(customer_id)
        except RatingsError as error:
            problem = str(error)
    st.error(f"Ratings cannot be saved now. {plain(problem)}")
    return None


def open_list(context: Context, customer_id: str) -> None:
    """Note the opening; a store that cannot do that now spoils nobody's morning."""
    if context.store:
        try:
            note_opening(context.store, customer_id, context.published.run_id, context.person.name)
        except RatingsError as error:
            st.warning(f"That this list was opened is not noted. {plain(error)}")


def show_offer(context: Context, offer: dict[str, Any], newest: dict[str, RatingEvent] | None) -> None:
    """Show one place of the list, with its rating."""
    name, amount = st.columns([3, 1])
    name.markdown(f"**{offer['rank']}. {plain(offer['product_name'])}**")
    amount.markdown(f"Suggest **{offer['suggested_quantity']:,}** · {worth(offer)}")
    st.markdown(plain(offer["explanation"]))
    st.caption(f"{source(offer['source'])}: {plain(offer['reason'])}")
    if newest is not None:
        shown = Shown(
            customer_id=offer["customer_id"],
            product_id=offer["recommended_product"],
            product_name=offer["product_name"],
            listed_rating=offer["rating"],
            run_id=context.published.run_id,
            rank=offer["rank"],
            score=offer["score"],
            source=offer["source"],
        )
        rating_form(context, shown, newest.get(shown.product_id))


def worth(row: dict[str, Any]) -> str:
    """Write what a suggested quantity is worth; runs of earlier versions do not say it."""
    return f"worth {money(row['suggested_value'])}" if row.get("suggested_value") is not None else "no price"


def show_rated_before(
    context: Context, customer_id: str, newest: dict[str, RatingEvent] | None, listed: set[str]
) -> None:
    """Show what was rated and is not on the list, so that a rating can be taken back."""
    rated = {
        product: event
        for product, event in (newest or {}).items()
        if product not in listed and event.rating != WITHDRAWN
    }
    if not rated:
        return
    with st.expander(f"Rated, and not on today's list ({len(rated)})"):
        names = names_of(context, list(rated))
        for product, event in sorted(rated.items()):
            with st.container(border=True):
                name = names.get(product, product)
                st.markdown(f"**{plain(name)}**")
                rating_form(context, Shown(customer_id, product, name), event)


def names_of(context: Context, products: list[str]) -> dict[str, str]:
    """Give the names of products, as far as any list of this run or a change of one says them."""
    rows = context.published.rows(
        """
        select recommended_product, max(product_name) as product_name
        from (
            select recommended_product, product_name from final_recommendations
            union all select recommended_product, product_name from recommendation_changes
        )
        where list_contains($products, recommended_product)
        group by recommended_product
        """,
        products=products,
    )
    return {row["recommended_product"]: row["product_name"] for row in rows}


def show_reorders(context: Context, customer_id: str) -> None:
    """Show what the customer usually buys and has not bought in its usual time."""
    st.header("Due for reorder")
    if not context.published.has("reorders_due"):
        st.caption("Reorders are not published by this run: build with a version that has reorders_due.")
        return
    rows = context.published.rows("from reorders_due where customer_id = $customer order by rank", customer=customer_id)
    st.caption("Reminders of what the customer buys in a rhythm, no prediction." if rows else "Nothing is due.")
    for row in rows:
        with st.container(border=True):
            name, amount = st.columns([3, 1])
            name.markdown(f"**{row['rank']}. {plain(row['product_name'])}**")
            amount.markdown(f"Usually **{row['suggested_quantity']:,}** · {worth(row)}")
            st.markdown(plain(row["sentence"]))


def show_lost(context: Context, customer_id: str) -> None:
    """Show what the customer bought in a rhythm and does not any more."""
    st.header("No longer bought")
    if not context.published.has("lost_products"):
        st.caption("Lost products are not published by this run: build with a version that has lost_products.")
        return
    rows = context.published.rows(
        "from lost_products where customer_id = $customer order by rank", customer=customer_id
    )
    st.caption(
        f"Worth a question: {count(len(rows), 'product')} bought in a rhythm before." if rows else "Nothing was lost."
    )
    for row in rows:
        with st.container(border=True):
            name, amount = st.columns([3, 1])
            name.markdown(f"**{row['rank']}. {plain(row['product_name'])}**")
            amount.markdown(f"A year of it: **{money(row['yearly_value'])}**")
            st.markdown(plain(row["sentence"]))
