"""The ratings store, as pages use it. Pages show the lists even without it."""

import streamlit as st

from ipre.ratings.address import address_of
from ipre.ratings.store import RatingStore


def store_of(data_kind: str) -> RatingStore:
    """Return the open store for this kind of data. Raises RatingsError."""
    return opened(data_kind, str(address_of(data_kind)))


@st.cache_resource(show_spinner=False)
def opened(data_kind: str, address: str) -> RatingStore:
    """Open the store once in this process; after a failure, try again next time."""
    return RatingStore.open(data_kind=data_kind)
