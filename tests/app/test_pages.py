"""What the pages show, to whom, and what they say when something is not there."""

import duckdb
import pytest
from conftest import customer_page, page_named, texts, whole_app
from world import ODD_NAME


def test_without_lists_the_page_says_what_to_do(world, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(world.folder / "nowhere"))
    app = whole_app()
    assert not app.exception
    assert "make build" in app.error[0].value


def test_a_chosen_name_is_called_a_claim(world):
    app = whole_app()
    assert app.title[0].value == "Who are you?"
    app.selectbox(key="name_chosen").set_value("Ada King").run()
    assert app.title[0].value == "My customers"
    assert "This name is a claim" in texts(app)


def test_the_call_list_is_hers_first_and_in_the_order_of_value(world):
    app = whole_app("Ada King")
    assert app.selectbox(key="manager").value == "Ada King"
    expected = [
        name
        for (name,) in world.rows(
            "select customer_name from account_brief where account_manager = 'Ada King' order by call_rank"
        )
    ]
    shown = texts(app)
    assert f"{len(expected)} customers" in shown
    app.selectbox(key="manager").set_value("All account managers").run()
    assert "16 customers" in texts(app)


def test_only_customers_in_a_chosen_state_are_shown(world):
    [(state, count)] = world.rows(
        "select order_state, count(*) from account_brief group by 1 order by count(*), order_state limit 1"
    )
    app = whole_app("Ada King")
    app.selectbox(key="manager").set_value("All account managers").run()
    app.multiselect(key="states").set_value([state]).run()
    assert f"{count} customer" in texts(app)


def test_a_customer_page_says_all_that_the_lists_say(world):
    shown = texts(customer_page("C02"))
    queries = [
        "select explanation from final_recommendations where customer_id = 'C02'",
        "select sentence from reorders_due where customer_id = 'C02'",
        "select sentence from lost_products where customer_id = 'C02'",
        "select sentence from account_brief where customer_id = 'C02'",
    ]
    said = [sentence for query in queries for (sentence,) in world.rows(query)]
    assert len(said) > 5 + 1 + 1 + 1  # Something to offer, due, lost, and the brief.
    assert [sentence for sentence in said if sentence not in shown] == []


def test_signs_in_a_name_are_signs(world):
    title = customer_page("C01").title[0].value
    assert title.replace("\\", "") == ODD_NAME
    assert "\\$5" in title and "\\*" in title and "\\[" in title


def test_a_page_says_what_this_run_did_not_publish(world):
    file = (world.folder / "published" / "ipre_serving.duckdb").resolve()
    with duckdb.connect(str(file)) as connection:
        for table in ("account_brief", "reorders_due", "lost_products"):
            connection.execute(f"drop table {table}")
    shown = texts(customer_page("C02"))
    assert all(table in shown for table in ("account_brief", "reorders_due", "lost_products"))
    assert "account_brief" in texts(whole_app("Ada King"))


@pytest.mark.parametrize("screen", ["is_it_working", "impact"])
def test_every_page_is_drawn_without_an_error(world, screen):
    page = page_named(screen)
    assert not page.exception
    assert not page.error


def test_the_founding_figures_stand_beside_their_targets(world):
    page = page_named("is_it_working")
    [(share,)] = world.rows("select value from recommendation_metrics where metric = 'coverage'")
    metric = page.metric[0]
    assert (metric.label, metric.value, metric.delta) == ("Customers served", f"{100 * share:.0f} %", "target 100 %")
    assert page.metric[2].value == "none yet"  # Nobody rated anything: no share, and no zero.
