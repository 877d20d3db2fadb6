"""One published world for all tests of the app, and the pages over it."""

import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from world import PROJECT, World, write_data

import rating_store

# A whole page needs a moment on a busy machine.
SECONDS = 30


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> World:
    """A distributor whose first lists are published. Not to be changed: see `world`."""
    world = World(tmp_path_factory.mktemp("world"))
    write_data(world.folder / "data")
    world.build()
    return world


@pytest.fixture
def world(built, tmp_path, monkeypatch) -> World:
    """The published distributor with a store of ratings of the test's own, as the environment names it."""
    world = World(tmp_path / "world")
    world.folder.mkdir()
    shutil.copytree(built.folder / "published", world.folder / "published", symlinks=True)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("IPRE_SIGN_IN", raising=False)
    st.cache_resource.clear()
    return world


@pytest.fixture
def store(world) -> rating_store.RatingStore:
    """The store of ratings that the pages write."""
    return rating_store.store_of("own")


def customer_page(customer: str, name: str = "Ada King") -> AppTest:
    """The page of one customer, as this person opens it."""
    script = "from context import make_context\nfrom screens import customer\ncustomer.page(make_context())"
    page = AppTest.from_string(script, default_timeout=SECONDS)
    page.session_state["name"] = name
    page.query_params["customer"] = customer
    return page.run()


def page_named(screen: str, name: str = "Ada King") -> AppTest:
    """A page that needs nothing but the context."""
    script = f"from context import make_context\nfrom screens import {screen}\n{screen}.page(make_context())"
    page = AppTest.from_string(script, default_timeout=SECONDS)
    page.session_state["name"] = name
    return page.run()


def whole_app(name: str | None = None) -> AppTest:
    """The app from its start, on its first page."""
    app = AppTest.from_file(str(Path(PROJECT) / "app" / "main.py"), default_timeout=SECONDS)
    if name:
        app.session_state["name"] = name
    return app.run()


def texts(page: AppTest) -> str:
    """All that a page says, without the strokes before signs that markdown would take for something else."""
    kinds = ("title", "header", "markdown", "caption", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in getattr(page, kind)).replace("\\", "")
