"""What is rated in the evening counts in the night, whatever else the store holds and whoever writes meanwhile."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import Build, dbt
from input_files import write_files
from rated_night import BY_HAND, SECRET, acknowledged, rated, store_of

pytest.importorskip("sqlalchemy", reason="requirements/dev.txt is not installed")

from sqlalchemy import insert, select
from test_rating_events import check_is_one_moment, made_schema

from ipre.ratings.store import RatingStore
from ipre.ratings.tables import METADATA

BY_HAND_COUNTS = [
    ("007", "P6", "Low", "price", "app", "Ada"),
    ("008", "P5", "High", None, "app", "Ada"),
    ("009", "P5", "Low", None, "app", "Ada"),
]


@dataclass
class Night:
    """A whole build, made while eight others wrote, and the ids that the store had acknowledged to them in the end."""

    build: Build
    url: str
    told: set[str]


@pytest.fixture(scope="module")
def night(rated_build) -> Night:
    folder = rated_build.warehouse.parent
    return Night(rated_build, store_of(folder), acknowledged(folder))


def test_a_build_while_eight_write_reads_one_moment_and_none_of_them_loses_a_rating(night):
    tables = ("rating_events", "list_openings")
    written = {name: night.build.rows(f"from {name} where opened_by like 'W%'" if name == tables[1] else
                                      f"from {name} where rated_by like 'W%'", "input") for name in tables}  # fmt: skip
    check_is_one_moment(written)
    seen = {row[0] for row in written["rating_events"]}
    assert len(Counter(event_id.split("-")[0] for event_id in seen)) == 8
    with RatingStore.open(night.url, data_kind="own") as store:
        kept = {event.event_id for event in store.events()}
    by_hand = {event.event_id for event in BY_HAND}
    assert night.told == kept - by_hand and seen < kept
    [(read, rejected, outcome)] = night.build.rows(
        "select rows_read, rows_rejected, outcome from build_runs inner join build_run_rows using (run_id) "
        "where input_table = 'rating_events'",
        "main",
    )
    assert (read, rejected, outcome) == (len(seen) + len(by_hand), 2, "published")


def test_what_counts_is_the_newest_that_is_neither_taken_back_nor_over(night):
    found = night.build.rows(
        "select customer_id, product_id, rating, reason_code, channel, rated_by from current_ratings "
        "where customer_id in ('007', '008', '009') order by all",
        "main",
    )
    assert found == BY_HAND_COUNTS
    days = night.build.rows("select counts_until - rated_on from known_ratings where reason_code = 'price'")
    assert days == [(90,), (90,)]
    acts = "select rating, rating_multiplier from recommendation_candidates where customer_id = '009' and "
    assert night.build.rows(acts + "recommended_product = 'P5'") == [("Low", 0.3)]


def test_events_of_nobody_are_rejected_rows_and_stop_nothing(night):
    rows = night.build.rows("select reason, row_values from rejected_rows where source_table = 'rating_events'")
    reasons = {reason: json.loads(values)["customer_id"] for reason, values in rows}
    assert reasons == {
        "customer_id is not among the accepted customers": "gone",
        "product_id is not among the accepted products": "007",
    }


def test_no_comment_leaves_the_warehouse(night):
    assert night.build.rows(f"select count(*) from stg_ratings where comment = '{SECRET}'") == [(2,)]
    with duckdb.connect(str(night.build.published / "current" / "ipre_serving.duckdb"), read_only=True) as published:
        tables = published.execute("select table_name from duckdb_tables() where not internal").fetchall()
        assert ("current_ratings",) in tables
        for (table,) in tables:
            assert SECRET not in str(published.execute(f'select * from "{table}"').fetchall())


def staged(folder: Path, data: Path, url: str) -> dict[str, list[tuple]]:
    """What a build makes of the ratings."""
    tables = ["stg_ratings", "stg_list_openings", "rejected_rows", "known_ratings", "current_ratings"]
    build = dbt(folder, "run", "--select", *(f"+{name}" for name in tables), data_dir=data, IPRE_RATINGS_URL=url)
    assert build.success, build.messages
    return {name: build.rows(f"from {name} order by all") for name in tables}


def test_both_databases_give_the_same_tables(night, postgres, tmp_path):
    server = f"{postgres}&options=-csearch_path%3D{made_schema(postgres, 'a_night')}"
    with (
        RatingStore.open(night.url, data_kind="own") as one,
        RatingStore.open(server, data_kind="own") as other,
        one.engine.begin() as source,
        other.engine.begin() as target,
    ):
        for table in METADATA.sorted_tables:
            rows = source.execute(select(table)).mappings().all()
            if rows:
                target.execute(insert(table), [dict(row) for row in reversed(rows)])
    data = night.build.data_dir
    from_sqlite, from_server = staged(tmp_path / "one", data, night.url), staged(tmp_path / "other", data, server)
    assert from_sqlite == from_server
    assert len([row for row in from_sqlite["stg_ratings"] if row[2]]) == len(night.told) + len(BY_HAND) - 2


def test_on_postgresql_the_app_needs_to_insert_and_the_build_to_select(postgres, tmp_path):
    import psycopg

    schema = made_schema(postgres, "shared")
    place = f"&options=-csearch_path%3D{schema}"
    RatingStore.open(f"{postgres}{place}", data_kind="own").close()
    with psycopg.connect(postgres) as connection:
        for role, rights in (("app", "select, insert"), ("nightly", "select")):
            connection.execute(f"create role {role} login; grant usage on schema {schema} to {role}")
            connection.execute(f"grant {rights} on {schema}.rating_events, {schema}.list_openings to {role}")
    app, nightly = (postgres.replace("user=ipre", f"user={role}") + place for role in ("app", "nightly"))
    with RatingStore.open(app, data_kind="own") as store:
        assert store.save(rated("001", "P8", "High")) and store.newest("001", "P8")
    found = staged(tmp_path, write_files(tmp_path / "data"), nightly)
    assert [row[:2] for row in found["current_ratings"]] == [("001", "P8")]
