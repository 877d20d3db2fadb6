"""What is rated before a run counts in it, whatever else the store holds.

That a run reads one moment while others write: test_rating_events.py.
"""

import json
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from conftest import Build, dbt
from input_files import CUSTOMERS, FEEDBACK, write_files

pytest.importorskip("sqlalchemy", reason="requirements/dev.txt is not installed")

from test_rating_events import in_schema, read_at

from ipre.ratings.events import RatingEvent, utc_text
from ipre.ratings.store import RatingStore

DATA = {
    "customers": [*CUSTOMERS, *([f"00{number}", f"Customer {number}", "North", "Painting"] for number in (7, 8, 9))],
    "feedback": [*FEEDBACK, ["009", "P5", "Medium", "2024-02-01", ""]],
}
SECRET = "says she will go to prison in May"


def rated(customer: str, product: str, rating: str, days_ago: int = 0, **values) -> RatingEvent:
    """An event of so many days ago; without a number of today."""
    moment = utc_text(datetime.now(UTC) - timedelta(days=days_ago, hours=1))
    return RatingEvent(customer, product, rating, rated_by="Ada", channel="app", rated_at=moment, **values)


BY_HAND = [
    rated("007", "P5", "High", 3, comment=SECRET),
    rated("007", "P5", "Withdrawn", 2),
    rated(
        "007", "P6", "Low", 89, reason_code="price", comment=SECRET, run_id="R1", rank=2, score=0.25, source="learned"
    ),
    rated("008", "P5", "High", 300),
    rated("008", "P5", "Low", 200, reason_code="out_of_stock"),
    rated("008", "P6", "Low", 200, reason_code="price"),
    rated("009", "P5", "Low", 1),
    rated("gone", "P5", "Low", 1, comment=SECRET),
    rated("007", "P999", "Low", 1),
]
BY_HAND_COUNTS = [
    ("007", "P6", "Low", "price", "app", "Ada"),
    ("008", "P5", "High", None, "app", "Ada"),
    ("009", "P5", "Low", None, "app", "Ada"),
]


@pytest.fixture(scope="module")
def rated_build(tmp_path_factory) -> Build:
    """A tiny distributor, built with what was said by hand in the store."""
    folder = tmp_path_factory.mktemp("ratings")
    url = f"sqlite:///{folder}/ratings/ratings.sqlite"
    with RatingStore.open(url, data_kind="own") as store:
        store.save_all(BY_HAND)
    build = dbt(folder, "build", data_dir=write_files(folder / "data", **DATA), IPRE_RATINGS_URL=url)
    assert build.success, build.messages
    return build


def test_what_counts_is_the_newest_that_is_neither_taken_back_nor_over(rated_build):
    found = rated_build.rows(
        "select customer_id, product_id, rating, reason_code, channel, rated_by from current_ratings "
        "where customer_id in ('007', '008', '009') order by all",
        "main",
    )
    assert found == BY_HAND_COUNTS
    days = rated_build.rows("select counts_until - rated_on from known_ratings where reason_code = 'price'")
    assert days == [(90,), (90,)]
    acts = "select rating, rating_multiplier from recommendation_candidates where customer_id = '009' and "
    assert rated_build.rows(acts + "recommended_product = 'P5'") == [("Low", 0.3)]


def test_events_of_nobody_are_rejected_rows_and_stop_nothing(rated_build):
    rows = rated_build.rows("select reason, row_values from rejected_rows where source_table = 'rating_events'")
    reasons = {reason: json.loads(values)["customer_id"] for reason, values in rows}
    assert reasons == {
        "customer_id is not among the accepted customers": "gone",
        "product_id is not among the accepted products": "007",
    }
    assert rated_build.rows(
        "select rows_read, rows_rejected, outcome from build_runs inner join build_run_rows using (run_id) "
        "where input_table = 'rating_events'",
        "main",
    ) == [(len(BY_HAND), 2, "published")]


def test_no_comment_leaves_the_warehouse(rated_build):
    assert rated_build.rows(
        f"select count(*) from stg_ratings where event_id is not null and comment = '{SECRET}'"
    ) == [(2,)]
    with duckdb.connect(str(rated_build.published / "current" / "ipre_serving.duckdb"), read_only=True) as published:
        tables = published.execute("select table_name from duckdb_tables() where not internal").fetchall()
        assert ("current_ratings",) in tables
        for (table,) in tables:
            assert SECRET not in str(published.execute(f'select * from "{table}"').fetchall())


def test_on_postgresql_the_app_needs_to_insert_and_a_run_to_select(postgres):
    import psycopg

    server = in_schema(postgres, "shared")
    RatingStore.open(server, data_kind="own").close()
    with psycopg.connect(postgres) as connection:
        for role, rights in (("app", "select, insert"), ("nightly", "select")):
            connection.execute(f"create role {role} login; grant usage on schema shared to {role}")
            connection.execute(f"grant {rights} on shared.rating_events, shared.list_openings to {role}")
    app, nightly = (server.replace("user=ipre", f"user={role}") for role in ("app", "nightly"))
    with RatingStore.open(app, data_kind="own") as store:
        assert store.save(rated("001", "P8", "High")) and store.newest("001", "P8")
    assert [row[1:3] for row in read_at(nightly)["rating_events"]] == [("001", "P8")]
