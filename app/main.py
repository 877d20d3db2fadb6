"""The account managers' pages. `make app` starts them (start.py)."""

from __future__ import annotations

import streamlit as st

from context import make_context
from printing import set_style
from screens import customer, impact, is_it_working, my_customers, product
from search import search

# No icons: Streamlit would fetch each from another machine, as the picture of the browser's tab.
st.set_page_config(page_title="Recommendations", layout="wide")
set_style()
context = make_context()
customer_page = st.Page(lambda: customer.page(context), title="Customer", url_path="customer")
product_page = st.Page(lambda: product.page(context, customer_page), title="Product", url_path="product")
pages = [
    st.Page(
        lambda: my_customers.page(context, customer_page),
        title="My customers",
        url_path="my-customers",
        default=True,
    ),
    customer_page,
    product_page,
    st.Page(lambda: is_it_working.page(context), title="Is it working?", url_path="is-it-working"),
    st.Page(lambda: impact.page(context), title="Impact", url_path="impact"),
]
chosen = st.navigation(pages)
search(context, customer_page, product_page)
chosen.run()
