"""Rating one product for one customer: the widgets, and what happens when one of them changes.

Every change is one new event. It is saved in the callback of the widget that changed and nowhere else, and only when
the newest event of the pair is still the one that this page shows (its *basis*): a page that has been open since
yesterday shows what a colleague said meanwhile, and overwrites nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from context import Context
from ipre.ratings.errors import RatingsError
from ipre.ratings.events import LONGEST_COMMENT, RATINGS, WITHDRAWN, RatingEvent
from words import REASONS, moment, plain

# Taking a rating back is a button of its own.
CHOICES = [rating for rating in RATINGS if rating != WITHDRAWN]
# No event has such an id: what the widgets show is then read from the store again.
NOT_SAVED = "not saved"
RATED_MEANWHILE = "Not saved: somebody rated it meanwhile. Choose again if you disagree."


@dataclass(frozen=True)
class Shown:
    """A product as the page shows it for a customer. listed_rating: what the list says, from before this page."""

    customer_id: str
    product_id: str
    product_name: str
    listed_rating: str | None = None
    run_id: str | None = None
    rank: int | None = None
    score: float | None = None
    source: str | None = None

    def key(self, what: str) -> str:
        """Name what the session keeps of this pair."""
        return f"{what}|{self.customer_id}|{self.product_id}"

    def get(self, what: str) -> str | None:
        """Return what the session keeps of this pair."""
        return st.session_state.get(self.key(what))


def rating_form(context: Context, shown: Shown, newest: RatingEvent | None) -> None:
    """Draw the widgets for one product. newest: the newest event of the pair in the store."""
    take_over(shown, newest)
    changed = {"on_change": save, "args": (context, shown)}
    columns = st.columns([5, 4, 6, 3], vertical_alignment="bottom")
    with columns[0]:
        st.segmented_control(
            f"Rate {plain(shown.product_name)}", CHOICES, key=shown.key("rating"), required=True, **changed
        )
    with columns[1]:
        st.selectbox(
            "Reason",
            list(REASONS),
            key=shown.key("reason"),
            format_func=REASONS.get,
            placeholder="None",
            **changed,
        )
    with columns[2]:
        st.text_input("Comment", key=shown.key("comment"), max_chars=LONGEST_COMMENT, placeholder="Optional", **changed)
    with columns[3]:
        st.button(
            "Take back",
            key=shown.key("withdraw"),
            disabled=shown.get("rating") is None,
            help="The product counts as not rated again.",
            on_click=withdraw,
            args=(context, shown),
        )
    st.caption(state_of(shown, newest))


def take_over(shown: Shown, newest: RatingEvent | None) -> None:
    """Have the widgets show the newest event, when they do not yet: it is new, or they were not drawn last time."""
    basis = newest.event_id if newest else ""
    if shown.get("basis") == basis and shown.key("rating") in st.session_state:
        return
    event = newest if newest and newest.rating != WITHDRAWN else None
    before_the_store = shown.listed_rating if newest is None else None
    st.session_state[shown.key("rating")] = event.rating if event else before_the_store
    st.session_state[shown.key("reason")] = event.reason_code if event else None
    st.session_state[shown.key("comment")] = (event.comment or "") if event else ""
    st.session_state[shown.key("basis")] = basis


def save(context: Context, shown: Shown) -> None:
    """Save what the widgets say after one of them was changed by hand."""
    if shown.get("rating") is None:
        st.session_state[shown.key("note")] = "Not saved yet: choose High, Medium or Low."
        return
    add(context, shown, shown.get("rating"), shown.get("reason"), shown.get("comment"))


def withdraw(context: Context, shown: Shown) -> None:
    """Save that the rating is taken back."""
    add(context, shown, WITHDRAWN)


def add(context: Context, shown: Shown, rating: str, reason: str | None = None, comment: str | None = None) -> None:
    """Save one event, unless somebody else said something about this product since the page was drawn."""
    event = RatingEvent(
        shown.customer_id,
        shown.product_id,
        rating,
        rated_by=context.person.name,
        channel="app",
        reason_code=reason,
        comment=comment,
        run_id=shown.run_id,
        rank=shown.rank,
        score=shown.score,
        source=shown.source,
    )
    try:
        newest = context.store.newest(shown.customer_id, shown.product_id)
        if (newest.event_id if newest else "") != shown.get("basis"):
            st.session_state[shown.key("note")] = RATED_MEANWHILE
            return
        context.store.save(event)
        note = ""
    except RatingsError as error:
        note = f"Not saved. {error}"
    st.session_state[shown.key("basis")] = NOT_SAVED
    st.session_state[shown.key("note")] = note


def state_of(shown: Shown, newest: RatingEvent | None) -> str:
    """Say what is saved for this product; before that, once, what became of the last change."""
    note = st.session_state.pop(shown.key("note"), "")
    if newest is None:
        saved = f"The list knows it as {shown.listed_rating}." if shown.listed_rating else "Not rated yet."
    elif newest.rating == WITHDRAWN:
        saved = f"Taken back by {plain(newest.rated_by)}, {moment(newest.rated_at)}."
    else:
        saved = f"Saved: {newest.rating}, by {plain(newest.rated_by)}, {moment(newest.rated_at)}."
    return f":red[**{plain(note)}**] {saved}" if note else saved
