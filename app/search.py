"""The search box at the top of every page: customers by name, id or city, and products."""

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
    customers = matching("customer", "account_brief", "city as detail, account_manager", "city")
    found = [(customer_page, "customer", context.rows_seen(customers, words=words))]
    if context.published.has("product_numbers"):  # Lists of an earlier version have no such table.
        products = f"{matching('product', 'product_numbers', 'l3_category as detail')} limit {AT_ONCE + 1}"
        found.append((product_page, "product", context.published.rows(products, words=words)))
    with st.container(border=True):
        if not any(rows for *_, rows in found):
            sees_all = context.person.sight.managers is None
            none = "No customer or product" if sees_all else "No product, and none of your customers,"
            st.markdown(f"{none} matches {plain(asked)}.")
        for page, what, rows in found:
            for row in rows[:AT_ONCE]:
                where = f" · {plain(row['detail'])}" if row["detail"] else ""
                label = f"{plain(row['name'])} ({plain(row['id'])}){where}"
                st.page_link(page, label=label, query_params={what: row["id"]})
            if len(rows) > AT_ONCE:
                st.caption(f"These are the first {AT_ONCE} {what}s. Type more of the name to see others.")


def address_of(shown: StreamlitPage) -> tuple[str, dict[str, str]]:
    """Return what the browser's URL says of a page."""
    return shown.url_path, st.query_params.to_dict()


def matching(what: str, table: str, detail: str, *also: str) -> str:
    """Return the query of rows with each of $words in name, id or the columns `also`, ignoring accents and case.

    Names that begin with the first word come first. detail: the columns that a result shows, and who may see it.
    """
    name, key = f"{what}_name", f"{what}_id"
    text = f"strip_accents(lower(concat_ws(' ', {', '.join([name, key, *also])})))"
    return f"""
        select {key} as id, {name} as name, {detail}
        from {table}
        where len(list_filter($words, lambda word: not contains({text}, strip_accents(lower(word))))) = 0
        order by not starts_with(lower({name}), lower($words[1])), {name}, {key}
        """
