"""Who gets in, and whose customers that person sees."""

import json
import shutil
from types import SimpleNamespace

import pytest
import streamlit as st
from conftest import customer_page, page_named, texts, whole_app
from world import World, write_data

import serving
import who
from ipre.worksheets.published import PublishedLists

MAP = [
    ["account_manager", "user", "role"],
    ["Ada King", "ada@example.com", "rep"],
    ["", "Boss@example.com", "manager"],
    ["Nobody Known", "eve@example.com", "rep"],
    ["Ben Ryan", "mallory@example.com", "everything"],
]


@pytest.fixture(scope="module")
def mapped(tmp_path_factory) -> World:
    """The distributor with an input that says who sees whose customers."""
    world = World(tmp_path_factory.mktemp("mapped"))
    write_data(world.folder / "data", account_managers=MAP)
    world.build()
    return world


@pytest.fixture
def assigned(mapped, world) -> World:
    """That world published where the pages look."""
    shutil.rmtree(world.folder / "published")
    shutil.copytree(mapped.folder / "published", world.folder / "published", symlinks=True)
    return world


@pytest.fixture
def rolled_back(mapped, tmp_path, monkeypatch) -> World:
    """That world after a roll-back, which is a run of its own, to the run that made the lists."""
    shutil.copytree(mapped.folder, tmp_path / "rolled_back", symlinks=True)
    world = World(tmp_path / "rolled_back")
    [(run_id,)] = world.rows("select run_id from build_runs")
    world.dbt("run-operation", "roll_back", "--args", json.dumps({"to": run_id}))
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    st.cache_resource.clear()
    return world


def signed_in_by_proxy(monkeypatch, name: str | None) -> None:
    """Have the proxy say who it is."""
    monkeypatch.setenv("IPRE_SIGN_IN", "proxy")
    monkeypatch.setattr(who, "from_proxy", lambda: name)


def test_the_name_comes_from_the_header_of_the_proxy(monkeypatch):
    headers = {who.HEADER: " ada@example.com "}
    monkeypatch.setattr(st, "context", SimpleNamespace(headers=headers))
    assert who.from_proxy() == "ada@example.com"
    headers[who.HEADER] = ""
    assert who.from_proxy() is None


def test_whoever_comes_round_the_proxy_gets_nothing(world, monkeypatch):
    signed_in_by_proxy(monkeypatch, None)
    app = whole_app("Ada King")
    assert "Nobody is signed in" in app.error[0].value
    assert len(app.markdown) == 0


def test_a_word_that_names_no_way_to_sign_in_lets_nobody_in(world, monkeypatch):
    monkeypatch.setenv("IPRE_SIGN_IN", "proxies")
    assert "must be proxy or oidc" in whole_app("Ada King").error[0].value


def test_who_is_signed_in_by_a_proxy_is_no_claim(world, monkeypatch):
    signed_in_by_proxy(monkeypatch, "ada@example.com")
    assert "claim" not in texts(whole_app())


def test_a_rep_sees_her_customers_and_no_others_whatever_address_she_types(assigned, monkeypatch):
    signed_in_by_proxy(monkeypatch, "ADA@example.com")
    assert "8 customers" in texts(whole_app())
    assert not customer_page("C01").warning  # Ada King's.
    page = customer_page("C02")  # Ben Ryan's.
    assert "not one of yours" in page.warning[0].value
    assert "What to offer" not in texts(page)
    assert "C02" not in " ".join(page.selectbox(key="customer").options)


def test_after_a_roll_back_the_lists_are_those_of_the_run_that_made_them(rolled_back, monkeypatch):
    [(made,), (rolled,)] = rolled_back.rows("select run_id from build_runs order by started_at")
    with PublishedLists() as lists:
        of_worksheets = lists.run().run_id
    assert serving.current().run_id == of_worksheets == made != rolled
    signed_in_by_proxy(monkeypatch, "ada@example.com")
    assert "8 customers" in texts(whole_app())
    assert "not one of yours" in customer_page("C02").warning[0].value
    assert any("Account managers" in str(one.value) for one in page_named("is_it_working").table)


def test_a_manager_sees_all(assigned, monkeypatch):
    signed_in_by_proxy(monkeypatch, "boss@example.com")
    assert "16 customers" in texts(whole_app())
    assert "What to offer" in texts(customer_page("C02"))


@pytest.mark.parametrize("name", ["stranger@example.com", "eve@example.com", "mallory@example.com"])
def test_who_is_not_in_the_table_or_in_a_rejected_row_sees_no_customer(assigned, monkeypatch, name):
    signed_in_by_proxy(monkeypatch, name)
    assert "No customers are assigned to you" in texts(whole_app())
    assert "No customers are assigned to you" in texts(customer_page("C02"))


def test_rejected_rows_of_the_table_are_counted_on_the_page(assigned, monkeypatch):
    signed_in_by_proxy(monkeypatch, "boss@example.com")
    [(read, rejected)] = assigned.rows(
        "select rows_read, rows_rejected from build_run_rows where input_table = 'account_managers'"
    )
    assert (read, rejected) == (4, 2)
    table = page_named("is_it_working").table
    assert any("Account managers" in str(one.value) for one in table)
