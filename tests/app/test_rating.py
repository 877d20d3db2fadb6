"""What becomes of a click on a rating."""

from conftest import customer_page, texts
from world import BASKETS

from rating_store import RatingEvent, RatingsError


def key(what: str, product: str, customer: str = "C02") -> str:
    return f"{what}|{customer}|{product}"


def rate(page, product: str, rating: str):
    return page.segmented_control(key=key("rating", product)).set_value(rating).run()


def said(page, product: str) -> str | None:
    return page.segmented_control(key=key("rating", product)).value


def test_a_rating_is_saved_with_the_place_that_it_was_given_to(world, store):
    second = world.offers("C02")[1]
    page = rate(customer_page("C02"), second, "Low")
    assert not page.exception
    [(rank, score, source)] = world.rows(
        "select rank, score, source from final_recommendations where customer_id = 'C02' and rank = 2"
    )
    [event] = store.history("C02", second)
    [(run_id,)] = world.rows("select run_id from build_runs where outcome = 'published'")
    assert (event.rating, event.rated_by, event.channel) == ("Low", "Ada King", "app")
    assert (event.run_id, event.rank, event.score, event.source) == (run_id, rank, score, source)
    assert "Saved: Low, by Ada King" in texts(page)


def test_looking_saves_no_rating(world, store):
    customer_page("C02").run()
    assert store.newest_of_all() == {}


def test_a_reason_without_a_rating_waits_for_the_rating(world, store):
    first = world.offers("C02")[0]
    page = customer_page("C02")
    page.selectbox(key=key("reason", first)).set_value("price").run()
    assert store.history("C02", first) == []
    assert "Not saved yet: choose High, Medium or Low." in texts(page)
    rate(page, first, "Low")
    assert store.newest("C02", first).reason_code == "price"


def test_a_comment_given_later_keeps_the_rating_and_the_reason(world, store):
    first = world.offers("C02")[0]
    page = rate(customer_page("C02"), first, "Low")
    page.selectbox(key=key("reason", first)).set_value("no_need").run()
    page.text_input(key=key("comment", first)).set_value("has plenty").run()
    event = store.newest("C02", first)
    assert (event.rating, event.reason_code, event.comment) == ("Low", "no_need", "has plenty")
    assert len(store.history("C02", first)) == 3  # Nothing was changed, everything was added.


def test_a_rating_taken_back_leaves_the_product_unrated(world, store):
    first = world.offers("C02")[0]
    page = rate(customer_page("C02"), first, "High")
    page.button(key=key("withdraw", first)).click().run()
    assert store.newest("C02", first).rating == "Withdrawn"
    assert said(page, first) is None
    assert "Taken back by Ada King" in texts(page)


def test_a_page_left_open_overwrites_nothing_and_shows_what_was_said_meanwhile(world, store):
    first, second = world.offers("C02")[:2]
    old = customer_page("C02", name="Ada King")
    rate(customer_page("C02", name="Ben Ryan"), first, "Low")
    rate(old, second, "High")  # Elsewhere on the page: her old view of the first product is not saved along.
    assert [event.rated_by for event in store.history("C02", first)] == ["Ben Ryan"]
    assert said(old, first) == "Low"


def test_a_click_on_what_a_colleague_rated_meanwhile_is_asked_for_again(world, store):
    first = world.offers("C02")[0]
    old = customer_page("C02", name="Ada King")
    rate(customer_page("C02", name="Ben Ryan"), first, "Low")
    rate(old, first, "High")
    assert store.newest("C02", first).rated_by == "Ben Ryan"
    assert said(old, first) == "Low"
    assert "Not saved: somebody rated it meanwhile" in texts(old)
    rate(old, first, "High")
    assert (store.newest("C02", first).rated_by, store.newest("C02", first).rating) == ("Ada King", "High")


def test_what_was_rated_and_left_the_list_can_be_taken_back(world, store):
    bought = BASKETS["C02"][0]
    store.save(RatingEvent("C02", bought, "Low", rated_by="Ben Ryan", channel="worksheet"))
    page = customer_page("C02")
    assert page.expander[0].label == "Rated, and not on today's list (1)"
    page.button(key=key("withdraw", bought)).click().run()
    assert store.newest("C02", bought).rating == "Withdrawn"


def test_an_opening_is_noted_once_a_visit(world, store):
    page = customer_page("C02")
    page.run()
    customer_page("C03", name="Ben Ryan")
    assert openings(store) == [("C02", "Ada King"), ("C03", "Ben Ryan")]


def openings(store) -> list[tuple]:
    with store.engine.begin() as connection:
        rows = connection.exec_driver_sql("select customer_id, opened_by from list_openings order by opened_at")
        return [tuple(row) for row in rows]


def test_a_store_that_cannot_save_is_told_and_the_click_does_not_look_saved(world, store, monkeypatch):
    first = world.offers("C02")[0]
    page = customer_page("C02")

    def full(event):
        raise RatingsError("The disk is full.")

    monkeypatch.setattr("rating_store.RatingStore.save", lambda self, event: full(event))
    rate(page, first, "High")
    assert "Not saved. The disk is full." in texts(page)
    assert said(page, first) is None


def test_without_a_store_the_list_is_read_all_the_same(world, monkeypatch):
    monkeypatch.setenv("IPRE_RATINGS_URL", "none")
    page = customer_page("C02")
    assert not page.exception
    assert "Ratings cannot be saved now" in texts(page)
    assert len(page.segmented_control) == 0
    assert all(f"Product {product}" in texts(page) for product in world.offers("C02"))
