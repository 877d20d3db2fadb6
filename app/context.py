"""What every page needs: the published run, the person, and the ratings store."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from ipre import serving
from ipre.ratings.errors import RatingsError
from ipre.ratings.store import RatingStore
from ipre.serving import Published, Rows
from rating_store import store_of
from who import Person, sign_in
from words import day

# Seconds after which an idle page looks for a new run.
LOOKS_AGAIN_AFTER = 30


@dataclass(frozen=True)
class Context:
    """store: None when ratings cannot be saved; `problem` says why."""

    published: Published
    person: Person
    store: RatingStore | None
    problem: str = ""

    @property
    def shows_margins(self) -> bool:
        """Whether this person may see margins."""
        return self.published.shows_margins(self.person.sight)

    def rows_seen(self, query: str, **values: Any) -> Rows:
        """Return those rows of a query with an account_manager whose customers this person may see."""
        managers = self.person.sight.managers
        return self.published.rows(
            f"select * from ({query}) where $everybody or list_contains($managers, account_manager)",
            everybody=managers is None,
            managers=sorted(managers or ()),
            **values,
        )


def make_context() -> Context:
    """Open the published run and sign the person in; if either fails, say so and stop drawing."""
    try:
        published = serving.current()
    except serving.NothingPublished as error:
        st.error(str(error))
        st.stop()
    person = sign_in(published)
    show_run(published)
    try:
        return Context(published, person, store_of(published.run.data_kind))
    except RatingsError as error:
        return Context(published, person, None, str(error))


def show_run(published: Published) -> None:
    """Say in the sidebar which lists these are, and announce new ones."""
    st.sidebar.caption(f"Lists as of {day(published.run.as_of_date)}")
    st.sidebar.caption("Amounts are in the currency of your price list.")
    if found := published.row("select sentence from input_findings where kind = 'old export'"):
        words = found["sentence"].removeprefix("invoices: ")
        st.sidebar.warning(words[0].upper() + words[1:])
    if published.run.data_kind == "demo":
        st.sidebar.caption("Demo data: invented customers and products")
    seen = st.session_state.get("run_id")
    if seen and seen != published.run.run_id:
        st.toast("New lists were published. This page now shows them.")
    st.session_state["run_id"] = published.run.run_id
    with st.sidebar:
        look_for_a_new_run(str(published.path))


@st.fragment(run_every=LOOKS_AGAIN_AFTER)
def look_for_a_new_run(shown: str) -> None:
    """Redraw the page when a newer run than the one shown is published."""
    try:
        if str(serving.current_path()) != shown:
            st.rerun()
    except serving.NothingPublished:
        return  # The open file can still be read.
