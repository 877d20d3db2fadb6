"""The search box on top of every page: customers by name, id or city, and products."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from context import Context
from words import plain

# Of each kind that is listed.
AT_ONCE = 8
SHORTEST = 2


def search(context: Context, customer_page: StreamlitPage, product_page: StreamlitPage) -> None:
    """Draw the box, and below it what was found."""
    asked = st.text_input(
        "Search", key="search", placeholder="Search: customer, city or product", label_visibility="collapsed"
    )
    words = (asked or "").split()
    if len("".join(words)) < SHORTEST:
        return
    found = [
        (customer_page, "customer", "customer_id", "customer_name", customers_found(context, words)),
        (product_page, "product", "product_id", "product_name", products_found(context, words)),
    ]
    with st.container(border=True):
        if not any(rows for *_, rows in found):
            st.markdown(f"No customer of yours and no product has all of: {plain(asked)}.")
        for page, parameter, key, name, rows in found:
            for row in rows[:AT_ONCE]:
                where = f" · {plain(row['place'])}" if row["place"] else ""
                label = f"{plain(row[name])} ({plain(row[key])}){where}"
                st.page_link(page, label=label, query_params={parameter: row[key]})
            if len(rows) > AT_ONCE:
                st.caption(f"More {parameter}s than these {AT_ONCE} were found: type more of the name.")


def customers_found(context: Context, words: list[str]) -> list[dict[str, Any]]:
    """Return the customers that this person sees with every word in name, id or city, one more than are listed.

    Who begins with the first word comes first.
    """
    found = context.rows_seen(
        f"""
        select customer_id, customer_name, city as place, account_manager
        from account_brief
        where {holds("customer_name", "customer_id", "city")}
        order by not starts_with(lower(customer_name), lower($words[1])), customer_name, customer_id
        """,
        words=words,
    )
    return found[: AT_ONCE + 1]


def products_found(context: Context, words: list[str]) -> list[dict[str, Any]]:
    """Return the products with every word in name or id, one more than are listed; likewise."""
    if not context.published.has("product_numbers"):
        return []  # Lists of an earlier version.
    return context.published.rows(
        f"""
        select product_id, product_name, l3_category as place
        from product_numbers
        where {holds("product_name", "product_id")}
        order by not starts_with(lower(product_name), lower($words[1])), product_name, product_id
        limit {AT_ONCE + 1}
        """,
        words=words,
    )


def holds(*columns: str) -> str:
    """Return the condition that every one of $words is in one of the columns, accents and case aside."""
    text = f"strip_accents(lower(concat_ws(' ', {', '.join(columns)})))"
    return f"len(list_filter($words, lambda word: not contains({text}, strip_accents(lower(word))))) = 0"
