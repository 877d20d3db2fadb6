"""Who is signed in, and whose customers that person sees.

IPRE_SIGN_IN says where the name comes from: `proxy` (the header X-Forwarded-User, set by a proxy that strips it from
what clients send), `oidc` (Streamlit's own sign-in, `.streamlit/secrets.toml`). Unset, whatever of the two is there is
taken, and without either a name is chosen, which is a claim that nobody checked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import streamlit as st

from serving import Published
from words import plain

VARIABLE = "IPRE_SIGN_IN"
HEADER = "X-Forwarded-User"
MANAGER = "manager"


@dataclass(frozen=True)
class Person:
    """Somebody at a page. mine: the account managers whose customers they see; None: everybody's."""

    name: str
    is_claim: bool
    mine: tuple[str, ...] | None = None

    def sees(self, account_manager: str | None) -> bool:
        """Say whether customers of this account manager are theirs to see."""
        return self.mine is None or account_manager in self.mine


def sign_in(published: Published) -> Person:
    """Give the person at the page, or ask who it is and draw no more."""
    wanted = os.environ.get(VARIABLE, "").strip().lower()
    if wanted not in ("", "proxy", "oidc"):
        stop(f"{VARIABLE} must be proxy or oidc, or not set; it is '{wanted}'. Correct it and start the app again.")
    name = (from_proxy() if wanted in ("", "proxy") else None) or (from_oidc() if wanted in ("", "oidc") else None)
    if wanted and not name:
        stop("Nobody is signed in. Open this page through the address that your company gave you.")
    person = Person(name, is_claim=False) if name else chosen(published)
    st.sidebar.markdown(f"**{plain(person.name)}**")
    if person.is_claim:
        st.sidebar.caption("This name is a claim: nobody checked it. It is saved with every rating.")
        st.sidebar.button("I am somebody else", on_click=st.session_state.pop, args=("name", None))
    return with_customers(person, published)


def stop(problem: str) -> None:
    """Say what is wrong, and draw no more."""
    st.error(problem)
    st.stop()


def from_proxy() -> str | None:
    """Give the name that the proxy signed in, or None."""
    return (st.context.headers.get(HEADER) or "").strip() or None


def from_oidc() -> str | None:
    """Give the name that the identity provider signed in; ask for it when nobody is; None when it is not set up."""
    if not has_oidc():
        return None
    if not st.user.is_logged_in:
        st.title("Recommendations")
        st.button("Sign in", on_click=st.login, type="primary")
        st.stop()
    st.sidebar.button("Sign out", on_click=st.logout)
    return st.user.get("email") or st.user.get("preferred_username") or st.user.get("sub")


def has_oidc() -> bool:
    """Say whether `.streamlit/secrets.toml` names an identity provider."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def chosen(published: Published) -> Person:
    """Let the person choose a name; without one draw no more."""
    name = st.session_state.get("name")
    if not name:
        st.title("Who are you?")
        known = [row["name"] for row in published.rows(names_query(published))]
        is_open = not has_map(published)
        st.selectbox(
            "Your name",
            known,
            index=None,
            key="name_chosen",
            placeholder="Choose or type a name" if is_open else "Choose",
            accept_new_options=is_open,
            on_change=keep_name,
        )
        st.caption("It says whose customers you see first, and who gave a rating. Nobody checks it: it is a claim.")
        st.stop()
    return Person(name, is_claim=True)


def keep_name() -> None:
    """Keep the chosen name for this visit."""
    st.session_state["name"] = (st.session_state["name_chosen"] or "").strip()


def names_query(published: Published) -> str:
    """Query the names to choose from: who may sign in, else the account managers."""
    if has_map(published):
        return "select distinct user_name as name from account_managers order by name"
    table = "account_brief" if published.has("account_brief") else "final_recommendations"
    return f"select distinct account_manager as name from {table} where account_manager is not null order by name"


def has_map(published: Published) -> bool:
    """Say whether the input `account_managers` says who sees whose customers, be every row of it rejected."""
    if not published.has("account_managers"):
        return False
    read = published.row(
        "select 1 from build_run_rows where run_id = $run and input_table = 'account_managers' and rows_read > 0",
        run=published.run_id,
    )
    return read is not None


def with_customers(person: Person, published: Published) -> Person:
    """Give the person with the account managers whose customers they see: everybody's where nothing says otherwise."""
    if not has_map(published):
        return person
    rows = published.rows(
        "select account_manager, role from account_managers where lower(user_name) = lower($user)", user=person.name
    )
    if any(row["role"] == MANAGER for row in rows):
        return person
    mine = sorted({row["account_manager"] for row in rows if row["account_manager"]})
    return Person(person.name, person.is_claim, tuple(mine))
