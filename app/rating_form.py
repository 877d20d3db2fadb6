"""The rating of one product for one customer: the widgets, and what happens when one of them changes.

Every change is one new event. The callback of the changed widget saves it, and nothing else does. It saves only if the
pair's newest event is still the one that this page shows (its *basis*): a page left open since yesterday overwrites
no colleague's rating, and shows it instead.
"""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from context import Context
from ipre.ratings.errors import RatingsError
from ipre.ratings.events import LONGEST_COMMENT, RATINGS, WITHDRAWN, RatingEvent
from words import REASONS, moment, plain

# Withdrawing a rating has its own button.
CHOICES = [rating for rating in RATINGS if rating != WITHDRAWN]
# No event has this id, so the widgets are read from the store again.
NOT_SAVED = "not saved"
RATED_MEANWHILE = "Not saved: someone else just rated it. Choose again if you disagree."


@dataclass(frozen=True)
class Shown:
    """A product as the page shows it for a customer.

    listed_rating: the rating that the list was made with; of_list: what its event says of the list.
    """

    customer_id: str
    product_id: str
    product_name: str
    listed_rating: str | None = None
    of_list: dict[str, Any] = field(default_factory=dict)

    def key(self, what: str) -> str:
        """Return the key under which the session keeps something about this pair."""
        return f"{what}|{self.customer_id}|{self.product_id}"

    def get(self, what: str) -> str | None:
        """Return what the session keeps about this pair."""
        return st.session_state.get(self.key(what))


def rating_form(context: Context, shown: Shown, newest: RatingEvent | None) -> None:
    """Draw the widgets for one product. newest: the pair's newest event in the store."""
    take_over(shown, newest)
    changed = {"on_change": save, "args": (context, shown)}
    columns = st.columns([7, 4, 5, 3], vertical_alignment="bottom")
    with columns[0]:
        st.segmented_control(
            f"Rate {plain(shown.product_name)}", CHOICES, key=shown.key("rating"), required=True, **changed
        )
    with columns[1]:
        st.selectbox(
            "Reason", list(REASONS), key=shown.key("reason"), format_func=REASONS.get, placeholder="None", **changed
        )
    with columns[2]:
        st.text_input("Comment", key=shown.key("comment"), max_chars=LONGEST_COMMENT, placeholder="Optional", **changed)
    if shown.get("rating") is not None:
        columns[3].button(
            "Clear rating",
            key=shown.key("withdraw"),
            help="The rating is removed.",
            on_click=add,
            args=(context, shown, WITHDRAWN),
        )
    st.caption(state_of(shown, newest))


def take_over(shown: Shown, newest: RatingEvent | None) -> None:
    """Set the widgets to the newest event, if it is new or they were not drawn last time."""
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
    """Save the values of the widgets after somebody changed one of them."""
    if shown.get("rating") is None:
        st.session_state[shown.key("note")] = "Not saved yet. Choose High, Medium or Low."
        return
    add(context, shown, shown.get("rating"), shown.get("reason"), shown.get("comment"))


def add(context: Context, shown: Shown, rating: str, reason: str | None = None, comment: str | None = None) -> None:
    """Save one event, unless somebody else rated this product after the page was drawn."""
    event = RatingEvent(
        shown.customer_id,
        shown.product_id,
        rating,
        rated_by=context.person.name,
        channel="app",
        reason_code=reason,
        comment=comment,
        **shown.of_list,
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
    """Return what is saved for this product; before that, once, the outcome of the last change."""
    note = st.session_state.pop(shown.key("note"), "")
    if newest is None:
        saved = f"Rated {shown.listed_rating} when this list was made." if shown.listed_rating else "Not rated yet."
    elif newest.rating == WITHDRAWN:
        saved = f"Cleared by {plain(newest.rated_by)}, {moment(newest.rated_at)}."
    else:
        saved = f"Rated {newest.rating} by {plain(newest.rated_by)}, {moment(newest.rated_at)}."
    return f":red[**{plain(note)}**] {saved}" if note else saved
