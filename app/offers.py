"""A customer's list: what to offer, why, and its rating."""

from typing import Any

import streamlit as st

from context import Context
from drawing import card
from ipre.ratings.errors import RatingsError
from ipre.ratings.events import WITHDRAWN, ListOpening, RatingEvent
from rating_form import Shown, rating_form
from words import money, plain, source


def rows_of(context: Context, table: str, customer_id: str) -> list[dict[str, Any]]:
    """Return a customer's rows of one of the lists, by rank."""
    return context.published.rows(f"from {table} where customer_id = $customer order by rank", customer=customer_id)


def worth(context: Context, row: dict[str, Any]) -> str:
    """Write the value of the suggested quantity, and its margin for those who may see it."""
    value = "no price" if row["suggested_value"] is None else f"worth {money(row['suggested_value'])}"
    margin = row.get("suggested_margin") if context.shows_margins else None
    return value if margin is None else f"{value}, margin {money(margin)}"


def usual_order(context: Context, row: dict[str, Any]) -> str:
    """Write the suggested quantity, which is what the nearest group with a buyer usually orders, and its value."""
    whose = "Similar customers" if row["compared_with"] == "cluster" else "Other customers"
    # What nobody has bought is suggested once.
    words = f"{whose} usually order" if row["supporting_customers"] else "Suggested quantity:"
    return f"{words} **{row['suggested_quantity']:,}** · {worth(context, row)}"


def show_offers(context: Context, customer_id: str) -> None:
    """Show the list with its ratings, and record that it was opened."""
    st.header("What to offer")
    offers = rows_of(context, "final_recommendations", customer_id)
    newest = newest_ratings(context, customer_id)
    if offers:
        st.caption(
            "Products this customer has not bought yet. Your rating changes the next run's list: High moves a product "
            "up, Low moves it down or removes it."
        )
        open_list(context, customer_id)
    else:
        st.write("No recommendations for this customer in this run.")
    for offer in offers:
        with card(offer, usual_order(context, offer), offer["explanation"]):
            show_offer(context, offer, newest)
    show_rated_before(context, customer_id, newest, {offer["recommended_product"] for offer in offers})


def newest_ratings(context: Context, customer_id: str) -> dict[str, RatingEvent] | None:
    """Return the newest event of each product; show why and return None when nothing can be rated."""
    problem = context.problem
    if context.store:
        try:
            return context.store.newest_of_customer(customer_id)
        except RatingsError as error:
            problem = str(error)
    st.error(f"Ratings cannot be saved right now. {plain(problem)}")
    return None


def open_list(context: Context, customer_id: str) -> None:
    """Record the opening once per visit to the app; if the store cannot, the list is shown all the same."""
    noted = st.session_state.setdefault("openings", set())
    opening = (customer_id, context.published.run.run_id, context.person.name)
    if context.store and opening not in noted:
        try:
            context.store.note_opening(ListOpening(*opening))
            noted.add(opening)
        except RatingsError as error:
            st.warning(f"ipre could not record that you opened this list. {plain(error)}")


def show_offer(context: Context, offer: dict[str, Any], newest: dict[str, RatingEvent] | None) -> None:
    """Show why a product is on the list, and its rating."""
    st.caption(f"{source(offer['source'])}: {plain(offer['reason'])}")
    if newest is not None:
        of_list = {name: offer[name] for name in ("rank", "score", "source")}
        of_list["run_id"] = context.published.run.run_id
        product_id = offer["recommended_product"]
        shown = Shown(offer["customer_id"], product_id, offer["product_name"], offer["rating"], of_list)
        rating_form(context, shown, newest.get(product_id))


def show_rated_before(
    context: Context, customer_id: str, newest: dict[str, RatingEvent] | None, listed: set[str]
) -> None:
    """Show rated products that are not on the list, so that a rating can be withdrawn."""
    rated = {
        product: event
        for product, event in (newest or {}).items()
        if product not in listed and event.rating != WITHDRAWN
    }
    if not rated:
        return
    with st.expander(f"Rated, but not on today's list ({len(rated)})"):
        names = names_of(context, list(rated))
        for product, event in sorted(rated.items()):
            with st.container(border=True):
                name = names.get(product, product)
                st.markdown(f"**{plain(name)}**")
                rating_form(context, Shown(customer_id, product, name), event)


def names_of(context: Context, products: list[str]) -> dict[str, str]:
    """Return the names of products, as far as this run's lists and their changes have them."""
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
