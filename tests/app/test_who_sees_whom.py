"""Who gets in, and whose customers that person sees: in the app, and with a worksheet in hand."""

from types import SimpleNamespace

import pytest
import streamlit as st
from conftest import PAULA, ROBERT, customer_page, page_named, texts, whole_app

import who
from ipre import serving
from ipre.worksheets.errors import WorksheetsError
from ipre.worksheets.import_ratings import own_files

PEOPLE = [(PAULA, "paula@example.com", "rep"), (None, "Boss@example.com", "manager")]
# Rows of the input that could be used, rows that were read, and whose customers each person sees.
RULES = {
    "without a row everybody sees everybody's": ((), 0, {PAULA: None, "stranger": None}),
    "a rep sees those beside her name, a manager all, anybody else nobody's": (
        (*PEOPLE, (ROBERT, "paula@example.com", "rep")),
        4,
        {"PAULA@example.com ": {PAULA, ROBERT}, "boss@example.com": None, PAULA: set(), "stranger": set()},
    ),
    "with every row rejected nobody sees anybody's": ((), 3, {PAULA: set(), "boss@example.com": set()}),
}


@pytest.mark.parametrize("rule", RULES)
def test_whose_customers_somebody_sees(assign, rule):
    rows, read, expected = RULES[rule]
    assign(*rows, read=read)
    for name, managers in expected.items():
        sight = serving.current().sight_of(name)
        assert sight.managers == managers, name
        assert bool(sight.why_nothing) == (managers == set()), name
        assert sight.sees(PAULA) == (managers is None or PAULA in managers), name
        assert sight.sees(None) == (managers is None), name


@pytest.fixture
def signed_in(monkeypatch):
    """Have the proxy say who it is."""

    def as_somebody(name: str | None) -> None:
        monkeypatch.setenv("IPRE_SIGN_IN", "proxy")
        monkeypatch.setattr(who, "from_proxy", lambda: name)

    return as_somebody


def test_the_name_comes_from_the_header_of_the_proxy(monkeypatch):
    headers = {who.HEADER: " ada@example.com "}
    monkeypatch.setattr(st, "context", SimpleNamespace(headers=headers))
    assert who.from_proxy() == "ada@example.com"
    headers[who.HEADER] = ""
    assert who.from_proxy() is None


def test_whoever_comes_round_the_proxy_gets_nothing(published, signed_in):
    signed_in(None)
    app = whole_app(PAULA)
    assert "You are not signed in" in app.error[0].value
    assert len(app.markdown) == 0


def test_a_word_that_names_no_way_to_sign_in_lets_nobody_in(published, monkeypatch):
    monkeypatch.setenv("IPRE_SIGN_IN", "proxies")
    assert "Set it to proxy or oidc" in whole_app(PAULA).error[0].value


def test_a_name_from_a_proxy_is_not_said_to_be_without_a_password(published, signed_in):
    signed_in("ada@example.com")
    assert "without a password" not in texts(whole_app())


def customers_of(name: str) -> list[str]:
    return [
        row["customer_id"] for row in serving.current().rows("from account_brief where account_manager = $n", n=name)
    ]


def test_a_rep_sees_her_customers_and_no_others_whatever_address_she_types(assign, signed_in):
    assign(*PEOPLE, read=2)
    signed_in("PAULA@example.com")
    assert "8 customers" in texts(whole_app())
    assert not customer_page(customers_of(PAULA)[0]).warning
    somebody_elses = customers_of(ROBERT)[0]
    page = customer_page(somebody_elses)
    assert "not one of yours" in page.warning[0].value
    assert "What to offer" not in texts(page)
    assert somebody_elses not in " ".join(page.selectbox(key="customer").options)
    dimension = page_named("impact").selectbox(key="dimension")
    if "Account manager" in dimension.options:
        assert ROBERT not in str(dimension.set_value("account manager").run().table[0].value)


def test_a_rep_is_told_to_call_her_own_customers_about_a_product(change, assign, signed_in, offered):
    change("update product_targets set product_id = ?", offered)
    assign((PAULA, "paula", "rep"), read=1)
    signed_in("paula")
    page = page_named("product", "paula", product=offered)
    hers, others = (
        serving.current().row(
            f"select count(*) as targets from product_targets where (account_manager = '{PAULA}') is {whose}"
        )["targets"]
        for whose in ("true", "not true")
    )
    assert f"{hers} customer" in texts(page) and others > 0
    assert f"account manager {ROBERT}" not in texts(page)
    buyers = page.table[0].value if page.table else None
    assert buyers is None or set(buyers.get("Account manager", [])) <= {PAULA}


def test_a_manager_sees_all(assign, signed_in):
    assign(*PEOPLE, read=2)
    signed_in("boss@example.com")
    assert "24 customers" in texts(whole_app())
    assert "What to offer" in texts(customer_page(customers_of(ROBERT)[0]))


@pytest.mark.parametrize(
    ("people", "why"),
    [
        (PEOPLE, "No customers are assigned to you"),
        ((), "all 2 rows of the input account_managers were rejected"),
    ],
    ids=["is not in the table", "every row was rejected"],
)
def test_who_sees_no_customer_is_told_why_on_every_page_and_hands_nothing_in(assign, signed_in, desk, people, why):
    assign(*people, read=2)
    signed_in("stranger@example.com")
    assert why in texts(whole_app())
    assert why in texts(customer_page(customers_of(PAULA)[0]))
    with pytest.raises(WorksheetsError, match=why):
        desk.hand_in(desk.workbook(), by="stranger@example.com")
    with pytest.raises(WorksheetsError, match=why):
        own_files(desk.folder, "stranger@example.com")


def test_rejected_rows_of_the_input_are_counted_on_the_page(assign, signed_in):
    assign(*PEOPLE, read=4)
    signed_in("boss@example.com")
    assert any("Account managers" in str(one.value) for one in page_named("is_it_working").table)


def test_whose_worksheets_somebody_hands_in_says_the_same_input(assign, desk):
    assign(*PEOPLE, (ROBERT, "rr@example.org", "rep"), read=3)
    files = [desk.workbook(PAULA), desk.workbook(ROBERT), desk.workbook(None)]
    for file in files:
        desk.rate(2, "High", file=file)
    assert own_files(desk.folder, "PAULA@example.com") == [files[0]]
    assert own_files(desk.folder, "boss@example.com") == sorted(files[:2])
    assert len(desk.hand_in(*files, by="PAULA@example.com").refusals) == 2
    assert [event.rated_by for event in desk.saved().values()] == ["paula@example.com"]
    taken = desk.hand_in(*files, by="boss@example.com")
    assert (len(taken.events), taken.saved_before, taken.refusals) == (2, 1, [])
