"""Visit notes: free text about a customer, in the ratings store and never in a published table."""

import streamlit as st

from context import Context
from ipre.ratings.errors import RatingsError
from ipre.ratings.events import LONGEST_COMMENT, VisitNote
from words import moment, plain

# Notes shown before 'Earlier notes'.
AT_ONCE = 5


def show_notes(context: Context, customer_id: str) -> None:
    """Show a customer's notes, newest first, and let the person add one."""
    if context.store is None:
        return
    st.header("Visit notes")
    with st.form(f"note|{customer_id}", clear_on_submit=True, border=False):
        text = st.text_area(
            "New note", max_chars=LONGEST_COMMENT, placeholder="What you want to remember for the next visit", height=80
        )
        sent = st.form_submit_button("Save note")
    try:
        if sent and text.strip():
            context.store.save_note(VisitNote(customer_id, text, written_by=context.person.name))
        notes = context.store.notes_of_customer(customer_id)
    except RatingsError as error:
        st.error(f"Notes are not available right now. {plain(error)}")
        return
    show_each(notes[:AT_ONCE])
    if len(notes) > AT_ONCE:
        with st.expander(f"Earlier notes ({len(notes) - AT_ONCE})"):
            show_each(notes[AT_ONCE:])


def show_each(notes: list[VisitNote]) -> None:
    """Show each note with its author and time."""
    for note in notes:
        st.markdown(f"**{plain(note.written_by)}**, {moment(note.written_at)}: {plain(note.note)}")
