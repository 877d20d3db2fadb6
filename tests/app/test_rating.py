"""What becomes of a click on a rating."""

import pytest
from conftest import PAULA, ROBERT, customer_page, texts

from ipre.ratings.errors import RatingsError
from ipre.ratings.events import RatingEvent


class CustomersPage:
    """A customer's page in somebody's hands."""

    def __init__(self, customer: str, offers: list[str], name: str = PAULA) -> None:
        self.customer, self.offers = customer, offers
        self.page = customer_page(customer, name)

    def opened_by(self, name: str) -> "CustomersPage":
        """The same page as somebody else opens it."""
        return CustomersPage(self.customer, self.offers, name)

    def widget(self, kind: str, what: str, product: str):
        return getattr(self.page, kind)(key=f"{what}|{self.customer}|{product}")

    def rate(self, product: str, rating: str) -> None:
        self.widget("segmented_control", "rating", product).set_value(rating).run()

    def take_back(self, product: str) -> None:
        self.widget("button", "withdraw", product).click().run()

    def shows(self, product: str) -> str | None:
        """The rating that the widget shows."""
        return self.widget("segmented_control", "rating", product).value

    def says(self, text: str) -> bool:
        return text in texts(self.page)


@pytest.fixture
def offers(lists, hers) -> list[str]:
    """The products of her first customer's list."""
    rows = lists.rows("from final_recommendations where customer_id = $customer order by rank", customer=hers[0])
    return [row["recommended_product"] for row in rows]


@pytest.fixture
def page(hers, offers) -> CustomersPage:
    return CustomersPage(hers[0], offers)


@pytest.fixture
def history(store, hers):
    """What the store knows of a product for that customer, the newest first."""
    return lambda product: store.history(hers[0], product)


def test_a_rating_is_saved_with_the_place_that_it_was_given_to(page, history, lists):
    page.rate(page.offers[1], "Low")
    assert not page.page.exception
    [event] = history(page.offers[1])
    place = lists.row(
        "select rank, score, source from final_recommendations where customer_id = $c and rank = 2", c=page.customer
    )
    assert (event.rating, event.rated_by, event.channel) == ("Low", PAULA, "app")
    assert (event.run_id, event.rank) == (lists.run.run_id, 2)
    assert (event.score, event.source) == (place["score"], place["source"])
    assert page.says(f"Rated Low by {PAULA}")


def test_looking_saves_no_rating_and_notes_an_opening_once_a_visit(page, store):
    page.page.run()
    page.opened_by(ROBERT)
    assert store.newest_of_all() == {}
    with store.engine.begin() as connection:
        openings = connection.exec_driver_sql("select customer_id, opened_by from list_openings order by opened_at")
        assert [tuple(row) for row in openings] == [(page.customer, PAULA), (page.customer, ROBERT)]


def test_a_reason_without_a_rating_waits_for_the_rating(page, history):
    first = page.offers[0]
    page.widget("selectbox", "reason", first).set_value("price").run()
    assert history(first) == []
    assert page.says("Not saved yet. Choose High, Medium or Low.")
    page.rate(first, "Low")
    assert [event.reason_code for event in history(first)] == ["price"]


def test_a_comment_given_later_keeps_the_rating_and_the_reason(page, history):
    first = page.offers[0]
    page.rate(first, "Low")
    page.widget("selectbox", "reason", first).set_value("no_need").run()
    page.widget("text_input", "comment", first).set_value("has plenty").run()
    newest, *before = history(first)
    assert (newest.rating, newest.reason_code, newest.comment) == ("Low", "no_need", "has plenty")
    assert len(before) == 2  # Nothing was changed, everything was added.


def test_a_rating_taken_back_leaves_the_product_unrated(page, history):
    first = page.offers[0]
    page.rate(first, "High")
    page.take_back(first)
    assert history(first)[0].rating == "Withdrawn"
    assert page.shows(first) is None
    assert page.says(f"Cleared by {PAULA}")


def test_a_page_left_open_overwrites_nothing_and_shows_what_was_said_meanwhile(page, history):
    first, second = page.offers[:2]
    page.opened_by(ROBERT).rate(first, "Low")
    page.rate(second, "High")  # Elsewhere on the page: her old view of the first product is not saved along.
    assert [event.rated_by for event in history(first)] == [ROBERT]
    assert page.shows(first) == "Low"


def test_a_click_on_what_a_colleague_rated_meanwhile_is_asked_for_again(page, history):
    first = page.offers[0]
    page.opened_by(ROBERT).rate(first, "Low")
    page.rate(first, "High")
    assert [event.rated_by for event in history(first)] == [ROBERT]
    assert page.shows(first) == "Low"
    assert page.says("Not saved: someone else just rated it")
    page.rate(first, "High")
    assert (history(first)[0].rated_by, history(first)[0].rating) == (PAULA, "High")


def test_what_was_rated_and_left_the_list_can_be_taken_back(hers, offers, store, history):
    store.save(RatingEvent(hers[0], "bought since", "Low", rated_by=ROBERT, channel="worksheet"))
    page = CustomersPage(hers[0], offers)
    assert page.page.expander[0].label == "Rated, but not on today's list (1)"
    page.take_back("bought since")
    assert history("bought since")[0].rating == "Withdrawn"


def test_a_store_that_cannot_save_is_told_and_the_click_does_not_look_saved(page, monkeypatch):
    def full(store, event):
        raise RatingsError("The disk is full.")

    monkeypatch.setattr("rating_store.RatingStore.save", full)
    page.rate(page.offers[0], "High")
    assert page.says("Not saved. The disk is full.")
    assert page.shows(page.offers[0]) is None


def test_without_a_store_the_list_is_read_all_the_same(hers, lists, monkeypatch):
    monkeypatch.setenv("IPRE_RATINGS_URL", "none")
    page = customer_page(hers[0])
    assert not page.exception
    assert "Ratings cannot be saved right now" in texts(page)
    assert len(page.segmented_control) == 0
    rows = lists.rows("from final_recommendations where customer_id = $customer", customer=hers[0])
    assert rows and all(" ".join(row["product_name"].split()) in texts(page) for row in rows)
