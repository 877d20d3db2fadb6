"""What the pages show, and what they say when something is not there."""

import pytest
from conftest import ODD_NAME, PAULA, customer_page, page_named, texts, whole_app


def test_without_lists_the_page_says_what_to_do(published, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(published / "nowhere"))
    app = whole_app()
    assert not app.exception
    assert "make build" in app.error[0].value


def test_a_chosen_name_is_called_a_claim(published):
    app = whole_app()
    assert app.title[0].value == "Who are you?"
    app.selectbox(key="name_chosen").set_value(PAULA).run()
    assert app.title[0].value == "My customers"
    assert "This name is a claim" in texts(app)


def test_the_call_list_is_hers_first_and_in_the_order_of_calls(hers, lists):
    app = whole_app(PAULA)
    assert app.selectbox(key="manager").value == PAULA
    shown = texts(app)
    assert f"{len(hers)} customers" in shown
    called = lists.rows("from account_brief where account_manager = $name order by call_rank", name=PAULA)
    places = [shown.index(row["sentence"]) for row in called]
    assert places == sorted(places)
    app.selectbox(key="manager").set_value("All account managers").run()
    assert "24 customers" in texts(app)


def test_the_call_list_goes_by_what_is_at_risk_when_asked(lists):
    app = whole_app(PAULA)
    app.selectbox(key="order").set_value("Most at risk").run()
    shown = texts(app)
    called = lists.rows("from account_brief where account_manager = $name order by risk_rank", name=PAULA)
    places = [shown.index(row["sentence"]) for row in called]
    assert places == sorted(places)


def test_a_chance_is_a_word_with_its_number(lists):
    due = lists.row("from reorders_due where likelihood is not null order by customer_id, rank limit 1")
    assert due["likelihood"].endswith(" %")
    assert due["likelihood"] in texts(customer_page(due["customer_id"]))


def test_lists_of_an_old_export_say_how_old_it_is(change):
    change(
        "insert into input_findings by name select 'invoices' as source_table, 'old export' as kind, 'invoice_date' "
        "as subject, 'invoices: the newest invoice is of 2025-05-14, 564 days before this run.' as sentence, "
        "0 as row_count"
    )
    [warning] = whole_app(PAULA).sidebar.warning
    assert warning.value == "The newest invoice is of 2025-05-14, 564 days before this run."


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


@pytest.mark.parametrize("screen", ["is_it_working", "impact"])
def test_every_page_is_drawn_without_an_error(published, screen):
    page = page_named(screen)
    assert not page.exception
    assert not page.error


def test_the_founding_figures_stand_beside_their_targets(lists):
    page = page_named("is_it_working")
    known = {row["metric"]: row["value"] for row in lists.rows("from recommendation_metrics")}
    metric = page.metric[0]
    share = f"{100 * known['coverage']:.0f} %"
    assert (metric.label, metric.value, metric.delta) == ("Customers served", share, "target 100 %")


def test_a_figure_that_nobody_knows_yet_is_no_zero(published, change):
    change("update recommendation_metrics set value = null where metric = 'rated_high_or_medium_share'")
    assert page_named("is_it_working").metric[2].value == "none yet"
