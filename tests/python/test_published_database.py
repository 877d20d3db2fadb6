"""The published tables in PostgreSQL: readers there see one whole run, and what they built on the tables stays."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import psycopg
import pytest
from tiny_runs import CHANGES, LISTS, OF_A_RANKER, TinyRuns, a_command, in_a_process, node

from ipre.run.published_database import PublishedDatabase
from ipre.run.published_folder import PublishedFolder, read_parquet
from ipre.run.warehouse import Refused

ROWS = 5000
# Runs that rows are of, rows, and the run as three tables have it. A statement sees one moment.
QUESTION = """
    select
        count(distinct number), count(*), min(number), (select max(number) from ipre.changes),
        (select extract(day from max(started_at)) - 1 from ipre.build_runs where published_run_id is not null)
    from ipre.shown
"""


@pytest.fixture
def address(postgres, monkeypatch) -> Iterator[str]:
    """A schema `ipre` that is not there yet, to which runs publish."""
    with psycopg.connect(postgres) as connection:
        connection.execute("drop schema if exists ipre cascade")
    monkeypatch.setenv("IPRE_PUBLISH_TO", f"{postgres}&schema=ipre")
    yield postgres


def rows(address: str, query: str) -> list[tuple]:
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchall()


def numbers_in(address: str) -> list[int]:
    return [number for (number,) in rows(address, "select distinct number from ipre.final_recommendations")]


def test_every_published_table_has_its_rows_its_key_and_its_descriptions(address, demo_build):
    graph = json.loads((demo_build.warehouse.parent / "target" / "manifest.json").read_text())
    tables = a_command(nodes=graph["nodes"], sources=graph["sources"]).tables
    folder = PublishedFolder(demo_build.published)
    with duckdb.connect() as connection:
        assert PublishedDatabase(os.environ["IPRE_PUBLISH_TO"]).follow(connection, folder, tables) == ""
    files = {file.stem for file in demo_build.published.glob("*.parquet")}
    described = rows(
        address,
        "select relname, obj_description(oid), (select count(*) from pg_attribute where attrelid = oid "
        "and attnum > 0 and col_description(attrelid, attnum) is null), "
        "(select count(*) from pg_constraint where conrelid = pg_class.oid and contype = 'p') "
        "from pg_class where relkind = 'r' and relnamespace = 'ipre'::regnamespace",
    )
    assert {name for name, *_ in described} == files
    for name, words, undescribed, keys in described:
        assert (words[:7], undescribed, keys) == ("One row", 0, name != "as_of"), name  # as_of is one row.
        columns = ", ".join(next(table.columns for table in tables if table.name == name))
        in_file = demo_build.rows(f"select {columns} from {read_parquet(demo_build.published / f'{name}.parquet')}")
        assert Counter(rows(address, f"select {columns} from ipre.{name}")) == Counter(in_file), name


def test_a_value_of_every_type_arrives_as_it_is(address, tiny):
    texts = ["", "a,b", 'say "hi"', "two\nlines", "cr\rhere", "\\.", "back\\slash", "→ ü 🙂", " blanks ", "null"]
    kinds = {"words": "string", "moment": "timestamp", "on_day": "date", "is_so": "boolean", "ratio": "double"}
    kinds |= {"amount": "decimal(18, 6)", "quantity": "bigint"}
    engine, command = tiny.begin()
    tiny.connection.execute(
        "create table build.odd (" + ", ".join(f"{name} {kind}" for name, kind in kinds.items()) + ")"
    )
    of_text = [
        (words, "2026-01-02 03:04:05.678901", "0044-03-15", True, 0.1, "123456789012.000001", 1 << 62)
        for words in texts
    ]
    infinite = [("x", None, None, False, ratio, None, None) for ratio in (float("inf"), 1e-300, -0.0)]
    tiny.connection.executemany(
        "insert into build.odd values (?, ?, ?, ?, ?, ?, ?)", [*of_text, *infinite, (None,) * 7]
    )
    told = replace(command, nodes={**command.nodes, "model.ipre.odd": node("odd", kinds)})
    engine.publish(told.tables)
    assert sorted(rows(address, "select * from ipre.odd"), key=repr) == sorted(tiny.rows("from build.odd"), key=repr)
    types = rows(
        address,
        "select attname::text, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = 'ipre.odd'::regclass and attnum > 0 order by attnum",
    )
    assert [kind for _, kind in types] == [
        "text", "timestamp without time zone", "date", "boolean", "double precision", "numeric(18,6)", "bigint",
    ]  # fmt: skip


def test_views_rights_and_later_columns_survive_later_runs(address, tiny):
    tiny.publish()
    with psycopg.connect(address) as connection:
        connection.execute("drop role if exists analyst; create role analyst login")
        connection.execute("create view ipre.shown as select number + 100 as number from ipre.final_recommendations")
        connection.execute("grant usage on schema ipre to analyst; grant select on ipre.shown, ipre.changes to analyst")
    wider = node("final_recommendations", {"number": "integer", "name": "string", "run_id": "string"})
    run_id = tiny.publish(models=[wider, CHANGES, OF_A_RANKER])
    analyst = address.replace("user=ipre", "user=analyst")
    assert rows(analyst, "select number from ipre.shown") == [(102,)]
    assert rows(analyst, "select count(*) from ipre.changes") == [(2,)]
    assert rows(address, "select number, run_id from ipre.final_recommendations") == [(2, run_id)]
    assert rows(address, "select number from ipre.ranker_weights") == [(2,)]
    # Another version, and another ranker: nothing is dropped, and nothing of an earlier run is left.
    tiny.publish(models=[LISTS, CHANGES])
    assert rows(address, "select number, run_id from ipre.final_recommendations") == [(3, None)]
    assert rows(address, "select number from ipre.ranker_weights") == []
    assert rows(analyst, "select number from ipre.shown") == [(103,)]


def test_the_database_follows_a_roll_back(address, tiny):
    for _ in range(3):
        tiny.publish()
    tiny.roll_back()
    assert numbers_in(address) == [tiny.shown()] == [2]
    assert rows(address, "select outcome from ipre.build_runs order by started_at")[-1] == ("rolled back",)
    tiny.publish()
    assert numbers_in(address) == [5]


def test_a_database_that_is_down_stops_nothing_and_is_updated_later(address, tiny, monkeypatch):
    tiny.publish()
    there = os.environ["IPRE_PUBLISH_TO"]
    monkeypatch.setenv("IPRE_PUBLISH_TO", "postgresql:///bi?host=/nowhere&user=ipre")
    engine, command = tiny.begin()
    engine.publish(command.tables)
    assert tiny.shown() == 2 and numbers_in(address) == [1]
    assert "the schema ipre of postgresql:///bi" in engine.problem and "tries again" in engine.problem
    assert "and tables in" not in engine.where_published(command)
    published = "select reason from main.build_runs where outcome = 'published' order by started_at"
    assert tiny.rows(published) == [(None,), ("the database of publish_to was not updated",)]
    # The next command's first step, whatever becomes of it.
    monkeypatch.setenv("IPRE_PUBLISH_TO", there)
    engine, command = tiny.begin()
    assert numbers_in(address) == [2] and not engine.problem
    assert "and tables in the schema ipre of" in engine.where_published(command)
    # And a roll-back's.
    monkeypatch.setenv("IPRE_PUBLISH_TO", "postgresql:///bi?host=/nowhere&user=ipre")
    engine.publish(command.tables)
    tiny.publish()
    monkeypatch.setenv("IPRE_PUBLISH_TO", there)
    tiny.roll_back()
    assert numbers_in(address) == [tiny.shown()] == [3]


def test_rights_on_one_schema_are_enough(address, tiny, monkeypatch):
    poor = address.replace("user=ipre", "user=loader")
    monkeypatch.setenv("IPRE_PUBLISH_TO", f"{poor}&schema=ipre")
    with psycopg.connect(address) as connection:
        connection.execute("drop role if exists loader; create role loader login")
    engine, command = tiny.begin()
    engine.publish(command.tables)
    assert "permission denied for database" in engine.problem
    with psycopg.connect(address) as connection:
        connection.execute("create schema ipre authorization loader")
    tiny.begin()
    assert numbers_in(address) == [1]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("mysql://host/db", "for other databases, load the published files"),
        ("sqlite:///lists.db", "Write postgresql://user@host/database[?]schema=ipre"),
        ("/srv/lists", "publish_to is not the address of a PostgreSQL database"),
        ("postgresql://ipre:hush@host/db", "publish_to contains a password. Remove it and set PGPASSWORD"),
        ("postgresql://host/db?user=ipre&password=hush", "publish_to contains a password"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_a_password_is_not_repeated(wrong, told):
    with pytest.raises(Refused, match=told) as refused:
        PublishedDatabase(wrong)
    assert "hush" not in str(refused.value)


def test_what_is_not_ipres_or_another_warehouses_is_refused_and_stays(address, tiny, tmp_path, monkeypatch):
    with psycopg.connect(address) as connection:
        connection.execute("create schema ipre; create table ipre.changes as select 'precious' as number")
    with pytest.raises(Refused, match=r"changes in the schema .* was not made by ipre\. Rename it"):
        tiny.publish()
    assert rows(address, "select * from ipre.changes") == [("precious",)]
    with psycopg.connect(address) as connection:
        connection.execute("drop table ipre.changes")
    tiny.publish()
    assert numbers_in(address) == [2]
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "other" / "published"))
    other = TinyRuns(tmp_path / "other")
    with pytest.raises(Refused, match="shows what another warehouse published"):
        other.begin(number=9)
    assert numbers_in(address) == [2]
    other.close()


def publish_many_rows(tiny: str, number: int, dies_at: int | None) -> None:
    """Publish a run with many rows. dies_at: tables loaded before it is killed; 0: once the folder shows the set."""
    warehouse = TinyRuns(Path(tiny))
    load, loaded = PublishedDatabase.load, []

    def dying_load(*arguments):
        if len(loaded) == dies_at:
            os._exit(9)
        loaded.append(load(*arguments))
        if len(loaded) == dies_at == 4:  # The last one.
            os._exit(9)

    engine, command = warehouse.begin(number)
    rows = f"select {number} as number, 'Run {number}' as name from range({ROWS})"
    warehouse.connection.execute(f"create or replace table build.final_recommendations as {rows}")
    PublishedDatabase.load = dying_load
    engine.publish(command.tables)
    warehouse.close()


def read(address: str, stopped: threading.Event, answers: list, *, in_steps: bool) -> None:
    """Ask again and again; in_steps: table by table, in a transaction that sees one moment."""
    with psycopg.connect(address) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        while not stopped.is_set():
            answer = connection.execute(QUESTION).fetchone()
            if in_steps:
                lists = "select count(distinct number), count(*), min(number) from ipre.final_recommendations"
                answer = (*connection.execute(lists).fetchone(), *answer[3:])
            answers.append(answer)
            connection.commit()
            time.sleep(0.01)  # There are others on this machine.


@pytest.mark.parametrize(
    ("publications", "kills"),
    [(4, [0, 2, 4]), pytest.param(20, [0, 1, 2, 3, 4], marks=pytest.mark.slow)],
    ids=["short", "long"],
)
def test_readers_who_poll_see_no_mixed_run_through_publications_and_kills(
    address, tmp_path, monkeypatch, publications, kills
):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "published"))

    def run(number: int, dies_at: int | None = None) -> None:
        status = in_a_process(publish_many_rows, str(tmp_path), number, dies_at)
        assert status == (0 if dies_at is None else 9)

    run(1)
    with psycopg.connect(address) as connection:
        connection.execute("create view ipre.shown as select * from ipre.final_recommendations")
    stopped, answers = threading.Event(), []
    readers = [
        threading.Thread(target=read, args=(address, stopped, answers), kwargs={"in_steps": in_steps})
        for in_steps in (False, True)
    ]
    for reader in readers:
        reader.start()
    number = 1
    try:
        for place in range(publications):
            number += 1
            run(number, kills[place] if place < len(kills) else None)
    finally:
        stopped.set()
        for reader in readers:
            reader.join()
    assert len(answers) > 10 * publications
    assert {answer for answer in answers if answer != (1, ROWS, answer[2], answer[2], answer[2])} == set()
    assert numbers_in(address) == [number]
