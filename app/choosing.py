"""The choice of the one customer or product that a page shows."""

from typing import Any

import streamlit as st

# A browser needs seconds to fill a box with more entries; the search box then finds them.
MOST_ENTRIES = 6_000


def choose(what: str, rows: dict[str, dict[str, Any]], gone: str) -> dict[str, Any] | None:
    """Let the person choose one of the rows; the page's URL may name one.

    what: customer or product, also the parameter of the URL; rows: id -> row; gone: shown when the URL names none of
    them.
    """
    asked = st.query_params.get(what)
    if asked is not None and asked not in rows:
        st.warning(gone)
    last = st.session_state.get(f"last_{what}")
    # What a new URL names or, after a visit to another page, the last choice.
    if asked in rows and asked != last:
        st.session_state[what] = asked
    elif st.session_state.setdefault(what, last) not in rows:
        st.session_state[what] = None
    if len(rows) <= MOST_ENTRIES:
        st.selectbox(
            what.capitalize(),
            list(rows),
            key=what,
            format_func=lambda one: f"{rows[one][f'{what}_name']} ({one})",
            placeholder="Type part of the name",
        )
    chosen = st.session_state[what]
    if chosen is None:
        st.info(f"Choose a {what}." if len(rows) <= MOST_ENTRIES else f"Use the search box to find a {what}.")
        return None
    st.session_state[f"last_{what}"] = st.query_params[what] = chosen
    return rows[chosen]
