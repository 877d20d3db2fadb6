"""What the pages show, and what they say when something is not there."""

import pytest
from conftest import ODD_NAME, PAULA, customer_page, page_named, texts, whole_app

from ipre import serving


def test_without_lists_the_page_says_what_to_do(published, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(published / "nowhere"))
    app = whole_app()
    assert not app.exception
    assert "make build" in app.error[0].value


def test_a_chosen_name_is_said_to_be_without_a_password(published):
    app = whole_app()
    assert app.title[0].value == "Who are you?"
    app.selectbox(key="name_chosen").set_value(PAULA).run()
    assert app.title[0].value == "My customers"
    assert "Signed in without a password" in texts(app)


def test_the_call_list_is_hers_first_and_in_the_order_of_calls_or_of_what_is_at_risk(hers, lists):
    app = whole_app(PAULA)
    assert app.selectbox(key="manager").value == PAULA
    shown = texts(app)
    assert f"{len(hers)} customers" in shown
    for order, rank in (("", "call_rank"), ("Most at risk", "risk_rank")):
        if order:
            shown = texts(app.selectbox(key="order").set_value(order).run())
        called = lists.rows(f"from account_brief where account_manager = $name order by {rank}", name=PAULA)
        places = [shown.index(row["sentence"]) for row in called]
        assert places == sorted(places)
    app.selectbox(key="manager").set_value("All account managers").run()
    assert "24 customers" in texts(app)


def test_a_chance_is_a_word_with_its_number(lists):
    due = lists.row("from reorders_due where likelihood is not null order by customer_id, rank limit 1")
    assert due["likelihood"].endswith("%")
    assert due["likelihood"].capitalize() in texts(customer_page(due["customer_id"]))


def test_the_call_list_names_what_is_on_the_lists_and_adds_the_day_up(lists):
    app = whole_app(PAULA)
    shown = texts(app)
    for table in ("reorders_due", "lost_products", "final_recommendations"):
        named = lists.rows(f"select product_name from {table} where account_manager = $name and rank = 1", name=PAULA)
        assert named and [row for row in named if " ".join(row["product_name"].split()) not in shown] == []
    total = lists.row(
        "select sum(expected_value) as expected from account_brief where account_manager = $name", name=PAULA
    )
    assert app.metric[0].value == f"{total['expected']:,.0f}"


def found_by(asked: str) -> list[str]:
    """What the search box leads to."""
    app = whole_app(PAULA)
    before = len(app.get("page_link"))
    app.text_input(key="search").set_value(asked).run()
    assert not app.exception
    return [link.proto.label.replace("\\", "") for link in app.get("page_link")[: len(app.get("page_link")) - before]]


def test_the_search_finds_customers_by_name_id_and_city_and_products(change):
    change(
        "update account_brief set city = 'Ålesund', customer_name = 'Ødegård Tile' where customer_id = "
        "(select min(customer_id) from account_brief where account_manager = ?)",
        PAULA,
    )
    hers = serving.current().row("from account_brief where city = 'Ålesund'")["customer_id"]
    for asked in ("tile ødegård", "alesund", hers.lower()):
        assert found_by(asked) == [f"Ødegård Tile ({hers}) · Ålesund"], asked
    product = serving.current().row("from product_numbers order by product_id limit 1")
    assert any(f"({product['product_id']})" in link for link in found_by(product["product_id"]))
    assert found_by("x") == [] and found_by("no such thing") == []


def test_the_search_finds_no_customer_of_somebody_else(assign):
    assign((PAULA, PAULA, "rep"), read=1)
    other = serving.current().row("from account_brief where account_manager <> $name order by customer_id", name=PAULA)
    assert found_by(other["customer_id"]) == []


def test_a_visit_note_is_shown_to_the_next_who_opens_the_page_and_is_in_no_published_table(hers, lists, store):
    page = customer_page(hers[0])
    page.text_area[0].set_value("  Wants *samples* in May.  ")
    [save] = [button for button in page.button if button.label == "Save note"]
    save.click().run()
    assert not page.exception
    [note] = store.notes_of_customer(hers[0])
    assert (note.note, note.written_by) == ("Wants *samples* in May.", PAULA)
    assert "Wants *samples* in May." in texts(customer_page(hers[0], "Robert Reed"))
    assert "samples" not in texts(customer_page(hers[1]))
    names = lists.rows("select table_name, column_name from duckdb_columns() where column_name like '%note%'")
    assert names == []


def test_lists_of_an_old_export_say_how_old_it_is(change):
    change(
        "insert into input_findings by name select 'invoices' as source_table, 'old export' as kind, 0 as row_count, "
        "'invoice_date' as subject, 'invoices: the newest invoice is of 2025-05-14.' as sentence"
    )
    [warning] = whole_app(PAULA).sidebar.warning
    assert warning.value == "The newest invoice is of 2025-05-14."


def test_only_customers_in_a_chosen_state_are_shown(lists):
    state = lists.row(
        "select order_state, count(*) as customers from account_brief group by 1 order by customers, order_state"
    )
    app = whole_app(PAULA)
    app.selectbox(key="manager").set_value("All account managers").run()
    app.multiselect(key="states").set_value([state["order_state"]]).run()
    assert f"{state['customers']} customer" in texts(app)


def test_a_customer_page_says_all_that_the_lists_say(hers, lists):
    shown = texts(customer_page(hers[0]))
    for table, column in {
        "final_recommendations": "explanation",
        "reorders_due": "sentence",
        "lost_products": "sentence",
        "account_brief": "sentence",
    }.items():
        said = lists.rows(f"select {column} as said from {table} where customer_id = $customer", customer=hers[0])
        assert said and [row["said"] for row in said if " ".join(row["said"].split()) not in shown] == []


def test_signs_in_a_name_are_signs(lists):
    odd = lists.row("from account_brief where customer_name = $name", name=ODD_NAME)
    title = customer_page(odd["customer_id"]).title[0].value
    assert title.replace("\\", "") == ODD_NAME
    assert "\\$5" in title and "\\*" in title and "\\[" in title


@pytest.mark.parametrize("screen", ["is_it_working", "impact", "product"])
def test_every_page_is_drawn_without_an_error(published, screen):
    page = page_named(screen)
    assert not page.exception
    assert not page.error


def test_the_founding_figures_stand_beside_their_targets(lists):
    page = page_named("is_it_working")
    known = {row["metric"]: row["value"] for row in lists.rows("from recommendation_metrics")}
    metric = page.metric[0]
    share = f"{100 * known['coverage']:.0f}%"
    assert (metric.label, metric.value, metric.delta) == ("Customers with a list", share, "target 100%")


def test_a_figure_that_nobody_knows_yet_is_no_zero(published, change):
    change("update recommendation_metrics set value = null where metric = 'rated_high_or_medium_share'")
    assert page_named("is_it_working").metric[2].value == "none yet"


def test_a_product_page_says_whom_to_call_who_bought_it_and_what_was_said_of_it(offered, lists):
    shown = texts(page_named("product", product=offered))
    targets = lists.rows("from product_targets where product_id = $product order by rank", product=offered)
    assert 1 < len(targets) <= 20
    places = [shown.index(f"{place}. {' '.join(row['customer_name'].split())}") for place, row in enumerate(targets, 1)]
    assert places == sorted(places)
    assert [row["sentence"] for row in targets if row["sentence"] not in shown] == []
    [bought] = lists.rows(
        "select product_id, count(*) as buyers from market_basket join account_brief using (customer_id) "
        "group by product_id order by buyers desc, product_id limit 1"
    )
    page = page_named("product", product=bought["product_id"])
    assert f"{bought['buyers']} customer" in texts(page) and len(page.table[0].value) == bought["buyers"]
    rated = lists.row("select product_id from current_ratings join account_brief using (customer_id)")
    told = page_named("product", product=rated["product_id"]).table[-1].value
    assert list(told.columns) == ["Customer", "Rating", "By", "When"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "update product_numbers set is_in_stock = false, may_be_shown = false",
            "This product is out of stock right now, so there is no call list.",
        ),
        ("update product_numbers set may_be_shown = false", "This product is not for sale right now, so there is no"),
        ("delete from product_targets", "None of your customers is a likely buyer"),
        ("drop table product_targets", "targets_per_product is 0"),
        ("drop table product_numbers", "earlier version of ipre made these lists"),
    ],
)
def test_a_product_page_says_why_nobody_is_to_be_called(offered, change, statement, told):
    change(statement)
    assert told in texts(page_named("product", product=offered))


@pytest.mark.parametrize(
    ("allowed", "rep", "manager"), [(False, False, False), ("managers", False, True), (True, True, True)]
)
def test_margins_are_shown_to_those_whom_the_setting_allows(show_margins, assign, offered, allowed, rep, manager):
    show_margins(allowed)
    assign((PAULA, "Paula", "rep"), (None, "Boss", "manager"), read=2)
    hers = serving.current().row("from account_brief where account_manager = $name order by 1", name=PAULA)
    for name, may_see in (("Paula", rep), ("Boss", manager)):
        pages = [customer_page(hers["customer_id"], name), page_named("product", name, product=offered)]
        assert ["12,340" in texts(page) for page in pages] == [may_see, may_see], name
        assert ("12,341" in texts(pages[0])) == may_see
        assert ("Margin: 1.00" in texts(pages[1])) == may_see
        assert all("24,680" in texts(page) for page in pages)
