"""The search box at the top of every page: customers by name, id or city, and products."""

from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from context import Context
from words import plain

# Results shown of each kind.
AT_ONCE = 8
SHORTEST = 2


def search(context: Context, customer_page: StreamlitPage, product_page: StreamlitPage, shown: StreamlitPage) -> None:
    """Draw the box and the results below it. shown: the page below, from which a result leads away."""
    if st.session_state.get("searched_on", address_of(shown)) != address_of(shown):
        st.session_state["search"] = ""
    asked = st.text_input(
        "Search", key="search", placeholder="Search by customer, city or product", label_visibility="collapsed"
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
            sees_all = context.person.sight.managers is None
            none = "No customer or product" if sees_all else "No product, and none of your customers,"
            st.markdown(f"{none} matches {plain(asked)}.")
        for page, parameter, key, name, rows in found:
            for row in rows[:AT_ONCE]:
                where = f" · {plain(row['detail'])}" if row["detail"] else ""
                label = f"{plain(row[name])} ({plain(row[key])}){where}"
                st.page_link(page, label=label, query_params={parameter: row[key]})
            if len(rows) > AT_ONCE:
                st.caption(f"These are the first {AT_ONCE} {parameter}s. Type more of the name to see others.")


def address_of(shown: StreamlitPage) -> tuple[str, dict[str, str]]:
    """Return what the browser's URL says of a page."""
    return shown.url_path, st.query_params.to_dict()


def customers_found(context: Context, words: list[str]) -> list[dict[str, Any]]:
    """Return this person's customers with every word in name, id or city, at most one more than the page shows.

    Names that begin with the first word come first.
    """
    found = context.rows_seen(
        f"""
        select customer_id, customer_name, city as detail, account_manager
        from account_brief
        where {holds("customer_name", "customer_id", "city")}
        order by not starts_with(lower(customer_name), lower($words[1])), customer_name, customer_id
        """,
        words=words,
    )
    return found[: AT_ONCE + 1]


def products_found(context: Context, words: list[str]) -> list[dict[str, Any]]:
    """Return the products with every word in name or id, in the same way."""
    if not context.published.has("product_numbers"):
        return []  # Lists of an earlier version.
    return context.published.rows(
        f"""
        select product_id, product_name, l3_category as detail
        from product_numbers
        where {holds("product_name", "product_id")}
        order by not starts_with(lower(product_name), lower($words[1])), product_name, product_id
        limit {AT_ONCE + 1}
        """,
        words=words,
    )


def holds(*columns: str) -> str:
    """Return the condition that each of $words is in one of the columns, ignoring accents and case."""
    text = f"strip_accents(lower(concat_ws(' ', {', '.join(columns)})))"
    return f"len(list_filter($words, lambda word: not contains({text}, strip_accents(lower(word))))) = 0"
