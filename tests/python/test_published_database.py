"""The published tables in PostgreSQL: readers there see one whole run, and what they built on the tables stays."""

import json
import multiprocessing
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
from tiny_nights import CHANGES, LISTS, OF_A_RANKER, Nights, a_command, node

from ipre.run.published_database import PublishedDatabase
from ipre.run.published_folder import PublishedFolder, read_parquet
from ipre.run.warehouse import Refused

ROWS = 5000
# Nights that rows are of, rows, and the night as three tables have it. A statement sees one moment.
QUESTION = """
    select
        count(distinct night), count(*), min(night), (select max(night) from ipre.changes),
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


@pytest.fixture
def nights(tmp_path, monkeypatch) -> Iterator[Nights]:
    """A warehouse, and the folder that it publishes to."""
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "published"))
    nights = Nights(tmp_path)
    yield nights
    nights.close()


def rows(address: str, query: str) -> list[tuple]:
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchall()


def night_in(address: str) -> list[int]:
    return [night for (night,) in rows(address, "select distinct night from ipre.final_recommendations")]


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


def test_a_value_of_every_type_arrives_as_it_is(address, nights):
    texts = ["", "a,b", 'say "hi"', "two\nlines", "cr\rhere", "\\.", "back\\slash", "→ ü 🙂", " blanks ", "null"]
    kinds = {"words": "string", "moment": "timestamp", "on_day": "date", "is_so": "boolean", "ratio": "double"}
    kinds |= {"amount": "decimal(18, 6)", "quantity": "bigint"}
    engine, command = nights.begin()
    nights.connection.execute(
        "create table build.odd (" + ", ".join(f"{name} {kind}" for name, kind in kinds.items()) + ")"
    )
    of_text = [
        (words, "2026-01-02 03:04:05.678901", "0044-03-15", True, 0.1, "123456789012.000001", 1 << 62)
        for words in texts
    ]
    infinite = [("x", None, None, False, ratio, None, None) for ratio in (float("inf"), 1e-300, -0.0)]
    nights.connection.executemany(
        "insert into build.odd values (?, ?, ?, ?, ?, ?, ?)", [*of_text, *infinite, (None,) * 7]
    )
    told = replace(command, nodes={**command.nodes, "model.ipre.odd": node("odd", kinds)})
    engine.publish(told.tables)
    assert sorted(rows(address, "select * from ipre.odd"), key=repr) == sorted(nights.rows("from build.odd"), key=repr)
    types = rows(
        address,
        "select attname::text, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = 'ipre.odd'::regclass and attnum > 0 order by attnum",
    )
    assert [kind for _, kind in types] == [
        "text", "timestamp without time zone", "date", "boolean", "double precision", "numeric(18,6)", "bigint",
    ]  # fmt: skip


def test_views_rights_and_later_columns_survive_the_nights(address, nights):
    nights.publish()
    with psycopg.connect(address) as connection:
        connection.execute("drop role if exists analyst; create role analyst login")
        connection.execute("create view ipre.shown as select night + 100 as night from ipre.final_recommendations")
        connection.execute("grant usage on schema ipre to analyst; grant select on ipre.shown, ipre.changes to analyst")
    wider = node("final_recommendations", {"night": "integer", "name": "string", "run_id": "string"})
    run_id = nights.publish(models=[wider, CHANGES, OF_A_RANKER])
    analyst = address.replace("user=ipre", "user=analyst")
    assert rows(analyst, "select night from ipre.shown") == [(102,)]
    assert rows(analyst, "select count(*) from ipre.changes") == [(2,)]
    assert rows(address, "select night, run_id from ipre.final_recommendations") == [(2, run_id)]
    assert rows(address, "select night from ipre.ranker_weights") == [(2,)]
    # Another version, and another ranker: nothing is dropped, and nothing of an earlier night is left.
    nights.publish(models=[LISTS, CHANGES])
    assert rows(address, "select night, run_id from ipre.final_recommendations") == [(3, None)]
    assert rows(address, "select night from ipre.ranker_weights") == []
    assert rows(analyst, "select night from ipre.shown") == [(103,)]


def test_the_database_follows_a_roll_back(address, nights):
    for _ in range(3):
        nights.publish()
    nights.roll_back()
    assert night_in(address) == [nights.night()] == [2]
    assert rows(address, "select outcome from ipre.build_runs order by started_at")[-1] == ("rolled back",)
    nights.publish()
    assert night_in(address) == [5]


def test_a_database_that_is_down_stops_nothing_and_is_brought_up_to_date(address, nights, monkeypatch):
    nights.publish()
    there = os.environ["IPRE_PUBLISH_TO"]
    monkeypatch.setenv("IPRE_PUBLISH_TO", "postgresql:///bi?host=/nowhere&user=ipre")
    engine, command = nights.begin()
    engine.publish(command.tables)
    assert nights.night() == 2 and night_in(address) == [1]
    assert "the schema ipre of postgresql:///bi" in engine.problem and "brings it up to date" in engine.problem
    assert "and tables in" not in engine.where_published(command)
    published = "select reason from main.build_runs where outcome = 'published' order by started_at"
    assert nights.rows(published) == [(None,), ("the database of publish_to could not follow",)]
    # The next command's first step, whatever becomes of it.
    monkeypatch.setenv("IPRE_PUBLISH_TO", there)
    engine, command = nights.begin()
    assert night_in(address) == [2] and not engine.problem
    assert "and tables in the schema ipre of" in engine.where_published(command)
    # And a roll-back's.
    monkeypatch.setenv("IPRE_PUBLISH_TO", "postgresql:///bi?host=/nowhere&user=ipre")
    engine.publish(command.tables)
    nights.publish()
    monkeypatch.setenv("IPRE_PUBLISH_TO", there)
    nights.roll_back()
    assert night_in(address) == [nights.night()] == [3]


def test_rights_on_one_schema_are_enough(address, nights, monkeypatch):
    poor = address.replace("user=ipre", "user=loader")
    monkeypatch.setenv("IPRE_PUBLISH_TO", f"{poor}&schema=ipre")
    with psycopg.connect(address) as connection:
        connection.execute("drop role if exists loader; create role loader login")
    engine, command = nights.begin()
    engine.publish(command.tables)
    assert "permission denied for database" in engine.problem
    with psycopg.connect(address) as connection:
        connection.execute("create schema ipre authorization loader")
    nights.begin()
    assert night_in(address) == [1]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("mysql://host/db", "publishes into no other kind"),
        ("sqlite:///lists.db", "Write postgresql://user@host/database[?]schema=ipre"),
        ("/srv/lists", "no address of a PostgreSQL database"),
        ("postgresql://ipre:hush@host/db", "publish_to holds a password. Leave it out, and put it into PGPASSWORD"),
        ("postgresql://host/db?user=ipre&password=hush", "publish_to holds a password"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_a_password_is_not_repeated(wrong, told):
    with pytest.raises(Refused, match=told) as refused:
        PublishedDatabase(wrong)
    assert "hush" not in str(refused.value)


def test_what_is_not_ipres_or_another_warehouses_is_refused_and_stays(address, nights, tmp_path, monkeypatch):
    with psycopg.connect(address) as connection:
        connection.execute("create schema ipre; create table ipre.changes as select 'precious' as night")
    with pytest.raises(Refused, match=r"changes is not ipre's\. Name another schema"):
        nights.publish()
    assert rows(address, "select * from ipre.changes") == [("precious",)]
    with psycopg.connect(address) as connection:
        connection.execute("drop table ipre.changes")
    nights.publish()
    assert night_in(address) == [2]
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "other" / "published"))
    other = Nights(tmp_path / "other")
    with pytest.raises(Refused, match="see what another warehouse published"):
        other.begin(number=9)
    assert night_in(address) == [2]
    other.close()


def test_what_is_tried_with_the_target_dev_is_for_no_readers(monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_TO", "postgresql://host/db")
    assert a_command(target="dev").publish_database == ""
    assert a_command().publish_database == "postgresql://host/db"
    assert a_command(given={"publish_to": "postgresql://b/db"}).publish_database == "postgresql://b/db"


def publish_in_a_process(nights: str, number: int, dies_at: int | None) -> None:
    """One night with many rows. It is killed when it has loaded so many tables; 0: as soon as the folder shows it."""
    warehouse = Nights(Path(nights))
    load, loaded = PublishedDatabase.load, []

    def dying_load(*arguments):
        if len(loaded) == dies_at:
            os._exit(9)
        loaded.append(load(*arguments))
        if len(loaded) == dies_at == 4:  # The last one.
            os._exit(9)

    engine, command = warehouse.begin(number)
    rows = f"select {number} as night, 'Night {number}' as name from range({ROWS})"
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
                lists = "select count(distinct night), count(*), min(night) from ipre.final_recommendations"
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
    # Not forks of this one, which would share connections of DuckDB's and PostgreSQL's.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])

    def night(number: int, dies_at: int | None = None) -> None:
        process = processes.Process(target=publish_in_a_process, args=(str(tmp_path), number, dies_at))
        process.start()
        process.join()
        assert process.exitcode == (0 if dies_at is None else 9)

    night(1)
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
            night(number, kills[place] if place < len(kills) else None)
    finally:
        stopped.set()
        for reader in readers:
            reader.join()
    assert len(answers) > 10 * publications
    assert {answer for answer in answers if answer != (1, ROWS, answer[2], answer[2], answer[2])} == set()
    assert night_in(address) == [number]
