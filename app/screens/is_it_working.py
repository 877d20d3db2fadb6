"""Soon."""

import streamlit as st


def page(context):
    """Draw the page."""
    st.title("is_it_working")
