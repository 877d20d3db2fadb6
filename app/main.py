"""The account managers' pages. `make app` starts them (start.py)."""

import streamlit as st

from context import make_context
from printing import STYLE
from screens import customer, impact, is_it_working, my_customers, product
from search import address_of, search

# No icons: Streamlit would fetch each from another machine, as it would the picture of the browser's tab.
st.set_page_config(page_title="Recommendations", layout="wide")
st.html(STYLE)
customer_page = st.Page(lambda: customer.page(context), title="Customer", url_path="customer")
product_page = st.Page(lambda: product.page(context, customer_page), title="Product", url_path="product")
pages = [
    st.Page(
        lambda: my_customers.page(context, customer_page), title="My customers", url_path="my-customers", default=True
    ),
    customer_page,
    product_page,
    st.Page(lambda: is_it_working.page(context), title="Is it working?", url_path="is-it-working"),
    st.Page(lambda: impact.page(context), title="Impact", url_path="impact"),
]
# Before anybody signs in: a link to a page still leads there afterwards.
chosen = st.navigation(pages)
context = make_context()
search(context, customer_page, product_page, chosen)
chosen.run()
st.session_state["searched_on"] = address_of(chosen)
