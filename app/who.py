"""Who is signed in, and whose customers that person sees.

IPRE_SIGN_IN says where the name comes from: `proxy` (the header X-Forwarded-User, set by a proxy that strips it from
what clients send) or `oidc` (Streamlit's own sign-in, `.streamlit/secrets.toml`). If it is not set, the app takes
whichever of the two is there; without either, people choose a name, without a password.
"""

import os
from dataclasses import dataclass

import streamlit as st

from ipre.serving import Published, Sight
from words import plain

VARIABLE = "IPRE_SIGN_IN"
HEADER = "X-Forwarded-User"


@dataclass(frozen=True)
class Person:
    """The person at a page, and whose customers they see."""

    name: str
    sight: Sight


def sign_in(published: Published) -> Person:
    """Return the person at the page, or ask for a name and stop drawing."""
    wanted = os.environ.get(VARIABLE, "").strip().lower()
    if wanted not in ("", "proxy", "oidc"):
        stop(f"{VARIABLE} is '{wanted}'. Set it to proxy or oidc, or unset it, and start the app again.")
    name = (from_proxy() if wanted in ("", "proxy") else None) or (from_oidc() if wanted in ("", "oidc") else None)
    if wanted and not name:
        stop("You are not signed in. Open this page using your company's link.")
    is_chosen = not name
    name = name or chosen(published)
    st.sidebar.markdown(f"**{plain(name)}**")
    if is_chosen:
        st.sidebar.caption("Signed in without a password. Your name is saved with every rating.")
        st.sidebar.button("Switch user", on_click=st.session_state.pop, args=("name", None))
    return Person(name, published.sight_of(name))


def stop(problem: str) -> None:
    """Say what is wrong and stop drawing."""
    st.error(problem)
    st.stop()


def from_proxy() -> str | None:
    """Return the name that the proxy signed in, or None."""
    return (st.context.headers.get(HEADER) or "").strip() or None


def from_oidc() -> str | None:
    """Return the name that the identity provider signed in, after asking to sign in; None when none is set up."""
    if not has_oidc():
        return None
    if not st.user.is_logged_in:
        st.title("Recommendations")
        st.button("Sign in", on_click=st.login, type="primary")
        st.stop()
    st.sidebar.button("Sign out", on_click=st.logout)
    return st.user.get("email") or st.user.get("preferred_username") or st.user.get("sub")


def has_oidc() -> bool:
    """Whether `.streamlit/secrets.toml` names an identity provider."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def chosen(published: Published) -> str:
    """Return the name that the person chose; stop drawing until there is one."""
    name = st.session_state.get("name")
    if not name:
        st.title("Who are you?")
        is_open = not published.assigned_rows
        st.selectbox(
            "Your name",
            published.people(),
            index=None,
            key="name_chosen",
            placeholder="Choose or type a name" if is_open else "Choose",
            accept_new_options=is_open,
            on_change=keep_name,
        )
        seen = "You see your own customers first." if is_open else "You see your own customers; managers see all."
        st.caption(f"{seen} Your name is saved with every rating. No password needed.")
        st.stop()
    return name


def keep_name() -> None:
    """Keep the chosen name for this visit."""
    st.session_state["name"] = (st.session_state["name_chosen"] or "").strip()
