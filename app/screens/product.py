"""One product: which customers to call about it, who bought it recently, and its ratings."""

from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from choosing import choose
from context import Context
from drawing import AT_ONCE, boxes, table
from offers import usual_order
from screens import customer
from words import count, day, moment, money, plain, source

PARAMETER = "product"


def page(context: Context, customer_page: StreamlitPage | None = None) -> None:
    """Draw the page. customer_page: the page that customers' names link to."""
    if not context.published.has("product_numbers"):
        st.info("An earlier version of ipre made these lists. This page works again after the next run.")
        return
    products = context.published.rows("from product_numbers order by product_name, product_id")
    product = choose(PARAMETER, {row["product_id"]: row for row in products}, "That product no longer exists.")
    if product is None:
        return
    st.title(plain(product["product_name"]))
    show_facts(context, product)
    show_targets(context, product, customer_page)
    show_buyers(context, product["product_id"])
    show_ratings(context, product["product_id"])


def show_facts(context: Context, product: dict[str, Any]) -> None:
    """Show its category, price and stock."""
    facts = [plain(product[name]) for name in ("product_id", "l2_category", "l3_category")]
    price, cost, stock = (product[name] for name in ("unit_price", "unit_cost", "stock_on_hand"))
    if price is not None:
        facts.append(f"Price: {price:,.2f}")
    if context.shows_margins and price is not None and cost is not None:
        facts.append(f"Margin: {price - cost:,.2f}")
    if stock is not None:
        facts.append(f"In stock: {stock:,.0f}")
    st.caption(" · ".join(facts))


def show_targets(context: Context, product: dict[str, Any], customer_page: StreamlitPage | None) -> None:
    """Show which customers to call about it, and what to say."""
    st.header("Customers to call")
    if not product["may_be_shown"]:
        why = "out of stock" if product["is_offered"] and not product["is_in_stock"] else "not for sale"
        st.info(f"This product is {why} right now, so there is no call list.")
        return
    if not context.published.has("product_targets"):
        st.info("This run lists no customers for products, because the parameter targets_per_product is 0.")
        return
    rows = context.rows_seen(
        "from product_targets where product_id = $product order by rank", product=product["product_id"]
    )
    if not rows:
        st.write("None of your customers is a likely buyer.")
        return
    st.caption(f"{count(len(rows), 'customer')} who have not bought it, most likely first.")
    boxes(rows, "targets_shown", lambda position, row: show_target(context, position, row, customer_page))


def show_target(context: Context, position: int, row: dict[str, Any], customer_page: StreamlitPage | None) -> None:
    """Show one customer to call."""
    name, amount = st.columns([3, 1])
    with name:
        label = f"**{position}. {plain(row['customer_name'])}**"
        if customer_page:
            st.page_link(customer_page, label=label, query_params={customer.PARAMETER: row["customer_id"]})
        else:
            st.markdown(label)
    amount.markdown(usual_order(context, row))
    st.markdown(plain(row["sentence"]))
    facts = [source(row["source"])]
    if row["account_manager"]:
        facts.append(f"account manager {plain(row['account_manager'])}")
    if row["rating"]:
        facts.append(f"rated {row['rating']}")
    st.caption(" · ".join(facts))


def show_buyers(context: Context, product_id: str) -> None:
    """Show who bought it last."""
    st.header("Recent buyers")
    rows = context.rows_seen(
        "select brief.customer_name, brief.account_manager, basket.last_purchase_date, basket.order_count, "
        "basket.total_quantity from market_basket as basket inner join account_brief as brief using (customer_id) "
        "where basket.product_id = $product order by basket.last_purchase_date desc, customer_id",
        product=product_id,
    )
    if not rows:
        st.write("None of your customers has bought it.")
        return
    st.caption(
        f"{count(len(rows), 'customer')}{f'; the {AT_ONCE} most recent are shown' if len(rows) > AT_ONCE else ''}."
    )
    managers = {"account_manager": "Account manager"} if context.published.account_managers else {}
    table(
        rows[:AT_ONCE],
        {
            "customer_name": "Customer",
            "last_purchase_date": "Last bought",
            "order_count": "Orders",
            "total_quantity": "Total units",
            **managers,
        },
        last_purchase_date=day,
        total_quantity=money,
    )


def show_ratings(context: Context, product_id: str) -> None:
    """Show its ratings, as this run knows them."""
    st.header("Ratings")
    rows = context.rows_seen(
        "select brief.customer_name, brief.account_manager, ratings.rating, ratings.rated_by, ratings.rated_at_utc "
        "from current_ratings as ratings inner join account_brief as brief using (customer_id) "
        "where ratings.product_id = $product order by ratings.rated_at_utc desc nulls last, customer_id",
        product=product_id,
    )
    if not rows:
        st.write("No ratings yet.")
        return
    table(
        rows[:AT_ONCE],
        {"customer_name": "Customer", "rating": "Rating", "rated_by": "By", "rated_at_utc": "When"},
        rated_at_utc=lambda value: "" if value is None else moment(value),
    )
