"""What is rated before a run counts in it, whatever else the store holds and whoever writes meanwhile."""

import json
from collections import Counter

import duckdb
import pytest
from rated_run import BY_HAND, SECRET, acknowledged, rated, store_of

pytest.importorskip("sqlalchemy", reason="requirements/dev.txt is not installed")

from sqlalchemy import insert, select
from test_rating_events import check_is_one_moment, in_schema, read_at

from ipre.ratings.store import RatingStore
from ipre.ratings.tables import METADATA

BY_HAND_COUNTS = [
    ("007", "P6", "Low", "price", "app", "Ada"),
    ("008", "P5", "High", None, "app", "Ada"),
    ("009", "P5", "Low", None, "app", "Ada"),
]


def test_a_build_while_eight_write_reads_one_moment_and_none_of_them_loses_a_rating(rated_build):
    folder, said_by = rated_build.warehouse.parent, {"rating_events": "rated_by", "list_openings": "opened_by"}
    written = {name: rated_build.rows(f"from {name} where {by} like 'W%'", "input") for name, by in said_by.items()}
    check_is_one_moment(written)
    seen = {row[0] for row in written["rating_events"]}
    assert len(Counter(event_id.split("-")[0] for event_id in seen)) == 8
    with RatingStore.open(store_of(folder), data_kind="own") as store:
        kept = {event.event_id for event in store.events()}
    by_hand = {event.event_id for event in BY_HAND}
    assert acknowledged(folder) == kept - by_hand and seen < kept
    [(read, rejected, outcome)] = rated_build.rows(
        "select rows_read, rows_rejected, outcome from build_runs inner join build_run_rows using (run_id) "
        "where input_table = 'rating_events'",
        "main",
    )
    assert (read, rejected, outcome) == (len(seen) + len(by_hand), 2, "published")


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


def test_no_comment_leaves_the_warehouse(rated_build):
    assert rated_build.rows(
        f"select count(*) from stg_ratings where event_id is not null and comment = '{SECRET}'"
    ) == [(2,)]
    with duckdb.connect(str(rated_build.published / "current" / "ipre_serving.duckdb"), read_only=True) as published:
        tables = published.execute("select table_name from duckdb_tables() where not internal").fetchall()
        assert ("current_ratings",) in tables
        for (table,) in tables:
            assert SECRET not in str(published.execute(f'select * from "{table}"').fetchall())


def copied(one: RatingStore, address: str) -> None:
    """Copy all events of a store, in another order."""
    with (
        RatingStore.open(address, data_kind="own") as other,
        one.engine.begin() as source,
        other.engine.begin() as into,
    ):
        for table in METADATA.sorted_tables:
            if rows := source.execute(select(table)).mappings().all():
                into.execute(insert(table), [dict(row) for row in reversed(rows)])


def test_a_run_reads_the_same_from_both_databases(rated_build, postgres):
    url, server = store_of(rated_build.warehouse.parent), in_schema(postgres, "over_runs")
    with RatingStore.open(url, data_kind="own") as store:
        copied(store, server)
    assert read_at(server) == read_at(url)
    assert len(read_at(url)["rating_events"]) == len(acknowledged(rated_build.warehouse.parent)) + len(BY_HAND)


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
