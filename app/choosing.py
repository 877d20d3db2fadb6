"""Choosing the one customer or product that a page is about."""

from __future__ import annotations

from typing import Any

import streamlit as st

Rows = dict[str, dict[str, Any]]


def choose(what: str, rows: Rows, gone: str) -> dict[str, Any] | None:
    """Let the person choose one of the rows; the address of the page may name one.

    what: customer or product, also the parameter of the address; rows: id -> row; gone: said of an address that names
    none of them.
    """
    asked = st.query_params.get(what)
    if asked is not None and asked not in rows:
        st.warning(gone)
    start_with(what, asked, rows)
    chosen = st.selectbox(
        what.capitalize(),
        list(rows),
        key=what,
        format_func=lambda one: f"{rows[one][f'{what}_name']} ({one})",
        placeholder="Type a part of the name",
    )
    if chosen is None:
        st.info(f"Choose a {what}.")
        return None
    st.session_state[f"last_{what}"] = st.query_params[what] = chosen
    return rows[chosen]


def start_with(what: str, asked: str | None, rows: Rows) -> None:
    """Have the box show what a new address names, or, back from another page, the last one."""
    last = st.session_state.get(f"last_{what}")
    if asked in rows and asked != last:
        st.session_state[what] = asked
    elif what not in st.session_state:
        st.session_state[what] = last
    if st.session_state[what] not in rows:
        st.session_state[what] = None
