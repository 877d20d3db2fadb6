"""How pages look on a phone and on paper: Streamlit's own are made for a screen on a desk."""

from __future__ import annotations

import streamlit as st

# Paper has no menus, no widgets and no buttons; a phone has little room for headings.
STYLE = """
<style>
@media (max-width: 640px) {
    .stMainBlockContainer { padding: 3.5rem 1rem 2rem; }
    h1 { font-size: 1.5rem !important; padding: 0.25rem 0 !important; }
    h2 { font-size: 1.2rem !important; padding: 0.5rem 0 0.25rem !important; }
    h3 { font-size: 1.05rem !important; }
}
@media print {
    .stApp header, .stSidebar, .stTextInput, .stTextArea, .stSelectbox, .stForm, .stButton, .stButtonGroup, .stPageLink,
    .stToast, [data-testid="stToolbar"], .stMultiSelect, .st-key-on-screen-only { display: none !important; }
    .stApp, .stMain, .stAppViewContainer { position: static !important; overflow: visible !important; }
    .stApp, .stMain, .stAppViewContainer { height: auto !important; }
    .stMainBlockContainer { padding: 0 !important; max-width: none !important; }
    [data-testid="stVerticalBlockBorderWrapper"], .stVerticalBlock > div { break-inside: avoid; }
}
</style>
"""


def set_style() -> None:
    """Set the style of phone and paper for the page that is drawn."""
    st.html(STYLE)
