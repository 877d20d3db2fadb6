"""One product: whom to call about it, who bought it lately, and what was thought of it."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from choosing import choose
from context import Context
from drawing import table
from offers import worth
from screens import customer
from words import count, day, moment, money, plain, source

PARAMETER = "product"
AT_ONCE = 20


def page(context: Context, customer_page: StreamlitPage | None = None) -> None:
    """Draw the page. customer_page: where the names of customers lead."""
    if not context.published.has("product_numbers"):
        st.info("These lists were made by an earlier version. The next build says whom to call about a product.")
        return
    product = choose_product(context)
    if product is None:
        return
    st.title(plain(product["product_name"]))
    show_facts(context, product)
    show_targets(context, product, customer_page)
    show_buyers(context, product["product_id"])
    show_ratings(context, product["product_id"])


def choose_product(context: Context) -> dict[str, Any] | None:
    """Let the person choose a product; the address of the page may name one."""
    products = {
        row["product_id"]: row
        for row in context.published.rows("from product_numbers order by product_name, product_id")
    }
    return choose(PARAMETER, products, "That product is not there any more.")


def show_facts(context: Context, product: dict[str, Any]) -> None:
    """Say what it is, what it costs, and how much of it there is."""
    facts = [f"{plain(product['l2_category'])}, {plain(product['l3_category'])}"]
    price, cost, stock = (product[name] for name in ("unit_price", "unit_cost", "stock_on_hand"))
    if price is not None:
        facts.append(f"Price: {price:,.2f}")
    if context.shows_margins and price is not None and cost is not None:
        facts.append(f"Margin: {price - cost:,.2f}")
    if stock is not None:
        facts.append(f"In stock: {stock:,.0f}")
    st.caption(" · ".join(facts))


def show_targets(context: Context, product: dict[str, Any], customer_page: StreamlitPage | None) -> None:
    """Show whom to call about it, and what to say."""
    st.header("Whom to call")
    if not product["may_be_shown"]:
        why = "It is out of stock" if product["is_offered"] and not product["is_in_stock"] else "It is not offered now"
        st.info(f"{why}, so that nobody is to be called about it.")
        return
    if not context.published.has("product_targets"):
        st.info("This run names no customers for products (targets_per_product is 0).")
        return
    rows = context.rows_seen(
        "from product_targets where product_id = $product order by rank", product=product["product_id"]
    )
    if not rows:
        st.write("Nobody of your customers: no purchase of a similar customer leads to it.")
        return
    st.caption(f"{count(len(rows), 'customer')} who do not have it, likeliest first.")
    shown = st.session_state.get("targets_shown", AT_ONCE)
    for place, row in enumerate(rows[:shown], start=1):
        with st.container(border=True):
            show_target(context, place, row, customer_page)
    if len(rows) > shown and st.button(f"Show {AT_ONCE} more"):
        st.session_state["targets_shown"] = shown + AT_ONCE
        st.rerun()


def show_target(context: Context, place: int, row: dict[str, Any], customer_page: StreamlitPage | None) -> None:
    """Show one customer to call."""
    name, amount = st.columns([3, 1])
    with name:
        label = f"**{place}. {plain(row['customer_name'])}**"
        if customer_page:
            st.page_link(customer_page, label=label, query_params={customer.PARAMETER: row["customer_id"]})
        else:
            st.markdown(label)
    amount.markdown(f"Suggest **{row['suggested_quantity']:,}** · {worth(context, row)}")
    st.markdown(plain(row["sentence"]))
    rated = f" · rated {row['rating']}" if row["rating"] else ""
    st.caption(f"{source(row['source'])} · account manager {plain(row['account_manager'] or 'none')}{rated}")


def show_buyers(context: Context, product_id: str) -> None:
    """Show who bought it last."""
    st.header("Who bought it lately")
    rows = context.rows_seen(
        "select brief.customer_name, brief.account_manager, basket.last_purchase_date, basket.order_count, "
        "basket.total_quantity from market_basket as basket inner join account_brief as brief using (customer_id) "
        "where basket.product_id = $product order by basket.last_purchase_date desc, customer_id",
        product=product_id,
    )
    if not rows:
        st.write("None of your customers.")
        return
    st.caption(f"{count(len(rows), 'customer')}{f', the last {AT_ONCE} of them' if len(rows) > AT_ONCE else ''}.")
    table(
        rows[:AT_ONCE],
        {
            "customer_name": "Customer",
            "last_purchase_date": "Last bought",
            "order_count": "Orders",
            "total_quantity": "Units in all",
            "account_manager": "Account manager",
        },
        last_purchase_date=day,
        total_quantity=money,
    )


def show_ratings(context: Context, product_id: str) -> None:
    """Show who rated it what, as the lists know it."""
    st.header("What was said of it")
    rows = context.rows_seen(
        "select brief.customer_name, brief.account_manager, ratings.rating, ratings.rated_by, ratings.rated_at_utc "
        "from current_ratings as ratings inner join account_brief as brief using (customer_id) "
        "where ratings.product_id = $product order by ratings.rated_at_utc desc nulls last, customer_id",
        product=product_id,
    )
    if not rows:
        st.write("Nothing yet.")
        return
    table(
        rows[:AT_ONCE],
        {"customer_name": "Customer", "rating": "Rating", "rated_by": "By", "rated_at_utc": "When"},
        rated_at_utc=lambda value: "" if value is None else moment(value),
    )
