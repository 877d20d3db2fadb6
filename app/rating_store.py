"""The store of ratings, as pages use it. Without it the lists are shown all the same."""

from __future__ import annotations

import streamlit as st

from ipre.ratings.address import address_of
from ipre.ratings.events import ListOpening
from ipre.ratings.store import RatingStore


def store_of(data_kind: str) -> RatingStore:
    """Return the store for this kind of data, open. Raises RatingsError."""
    return opened(data_kind, str(address_of(data_kind)))


@st.cache_resource(show_spinner=False)
def opened(data_kind: str, address: str) -> RatingStore:
    """Open the store, once in this process; one that cannot be opened is tried again the next time."""
    return RatingStore.open(data_kind=data_kind)


def note_opening(store: RatingStore, customer_id: str, run_id: str, person: str) -> None:
    """Note that this person opened a customer's list, once for each visit of the app. Raises RatingsError."""
    noted = st.session_state.setdefault("openings", set())
    opening = (customer_id, run_id, person)
    if opening not in noted:
        store.note_opening(ListOpening(customer_id, run_id, opened_by=person))
        noted.add(opening)
