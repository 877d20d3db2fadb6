"""Where ratings live: nothing that was acknowledged is lost, nothing is changed, and whoever errs is told so."""

import os
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import duckdb
import pytest
from conftest import PROJECT, environment
from sqlalchemy import event as sql_event
from staged import refusal
from tiny_runs import a_process, in_a_process

from ipre.ratings.address import DEFAULT_FILES, Address, address_of
from ipre.ratings.errors import AddressRefused, ChangedEvent, InvalidEvent, StoreUnavailable
from ipre.ratings.events import CHANNELS, RATINGS, REASON_CODES, ListOpening, RatingEvent, utc_text
from ipre.ratings.store import RatingStore
from ipre.ratings.tables import METADATA
from ipre.run.input_ratings import read_ratings
from ipre.run.input_tables import input_tables
from ipre.run.warehouse import Refused

RATED = RatingEvent(
    customer_id="C1",
    product_id="P1",
    rating="Low",
    rated_by="Ada",
    channel="app",
    reason_code="buys_elsewhere",
    comment="Buys it at O'Brien's, “cheaper” 屋根\nshe says",
    run_id="run 1",
    rank=3,
    score=0.1 + 0.2,
    source="association",
)
TABLES = {name: table for name, table in input_tables().items() if table.from_rating_store}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ratings/ratings.sqlite"
    schema = re.sub(r"\W", "_", request.node.name.split("[")[0])[-40:]
    return in_schema(request.getfixturevalue("postgres"), schema)


def in_schema(server: str, name: str) -> str:
    """The address of a store in a new schema of a server."""
    import psycopg

    with psycopg.connect(server) as connection:
        connection.execute(f"drop schema if exists {name} cascade")
        connection.execute(f"create schema {name}")
    return f"{server}&options=-csearch_path%3D{name}"


@pytest.fixture
def ratings(url) -> Iterator[RatingStore]:
    with RatingStore.open(url, data_kind="own") as store:
        yield store


def at(minute: int, **values) -> RatingEvent:
    """The event, rated at a minute of a morning."""
    return replace(RATED, event_id=str(minute), rated_at=f"2026-03-01T09:{minute:02}:00.000000Z", **values)


# --- saving and reading ----------------------------------------------------------------------------------------


def test_a_saved_event_comes_back_as_it_was(ratings, url):
    assert ratings.save(RATED)
    assert ratings.newest("C1", "P1") == RATED
    with RatingStore.open(url, data_kind="own") as another:
        assert another.history("C1", "P1") == [RATED]
    assert ratings.newest("C1", "P2") is None


def test_a_repeated_save_is_one_event(ratings):
    assert [ratings.save(RATED) for _ in range(3)] == [True, False, False]
    assert ratings.save_all([RATED, at(1), at(2), at(1)]) == 2
    assert len(ratings.history("C1", "P1")) == 3


def test_an_id_with_other_contents_is_an_error_and_saves_nothing(ratings):
    ratings.save(RATED)
    for change in ({"rating": "High"}, {"comment": None}, {"score": 0.5}, {"rated_at": utc_text()}):
        [column] = change
        with pytest.raises(ChangedEvent, match=f"event_id {RATED.event_id} was saved before with a different {column}"):
            ratings.save_all([at(1), replace(RATED, **change)])
    with pytest.raises(ChangedEvent, match="different product_id"):
        ratings.save_all([at(1), at(1, product_id="P2")])
    assert ratings.newest_of_all() == {("C1", "P1"): RATED}


def test_many_events_are_saved_together_or_not_at_all(ratings):
    with pytest.raises(InvalidEvent, match="rating must be High, Medium, Low or Withdrawn; got 'Great'"):
        ratings.save_all([*(replace(at(1), event_id=str(number)) for number in range(2000)), at(2, rating="Great")])
    assert ratings.newest_of_all() == {}
    assert ratings.save_all(replace(at(1), event_id=str(number)) for number in range(2000)) == 2000
    assert ratings.save_all([]) == 0


def test_the_newest_event_is_the_last_by_time_then_by_id(ratings):
    ratings.save_all([at(3, rating="Medium"), at(1, rating="High"), at(2, product_id="P2"), at(9, customer_id="C2")])
    ratings.save_all([replace(at(3), event_id=name, rating=rating) for name, rating in (("b", "Low"), ("B", "High"))])
    assert [event.event_id for event in ratings.history("C1", "P1")] == ["b", "B", "3", "1"]
    of_customer, of_all = ratings.newest_of_customer("C1"), ratings.newest_of_all()
    assert [(product, event.event_id) for product, event in sorted(of_customer.items())] == [("P1", "b"), ("P2", "2")]
    assert {(*pair, event.event_id) for pair, event in of_all.items()} == {
        *(("C1", product, event.event_id) for product, event in of_customer.items()), ("C2", "P1", "9"),
    }  # fmt: skip
    ratings.save(at(30, rating="withdrawn"))
    assert ratings.newest("C1", "P1").rating == "Withdrawn"


def test_an_opening_is_noted_once(ratings):
    opening = ListOpening("C1", "run 1", "Ada")
    assert [ratings.note_opening(opening) for _ in range(2)] == [True, False]
    with pytest.raises(ChangedEvent, match=r"opening_id .* was saved before with a different run_id"):
        ratings.note_opening(replace(opening, run_id="run 2"))


def test_nothing_is_ever_updated_or_deleted(ratings):
    statements = []
    sql_event.listen(ratings.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    ratings.save_all([RATED, at(1)])
    ratings.save(RATED)
    ratings.note_opening(ListOpening("C1", "run 1", "Ada"))
    ratings.newest_of_customer("C1")
    written = [
        statement.split()[:2] for statement in statements if statement.lower().split()[0] not in ("select", "begin")
    ]
    assert written == [["INSERT", "INTO"]] * 2


def test_of_eight_who_save_one_event_at_once_one_saved_it(ratings):
    at_once = Barrier(8)

    def save(event: RatingEvent) -> bool:
        at_once.wait()
        return ratings.save(event)

    with ThreadPoolExecutor(8) as threads:
        for number in range(10):
            assert sum(threads.map(save, [replace(RATED, event_id=str(number))] * 8)) == 1
    assert len(ratings.history("C1", "P1")) == 10


# --- what may be saved -----------------------------------------------------------------------------------------


def test_words_come_in_any_case_and_times_in_any_zone(ratings):
    berlin = datetime(2026, 3, 1, 10, 5, 0, 7, tzinfo=timezone(timedelta(hours=1)))
    ratings.save(
        replace(RATED, rating=" HIGH", channel="App", reason_code="Buys elsewhere", comment=" ", rated_at=berlin)
    )
    assert ratings.newest("C1", "P1") == replace(
        RATED, rating="High", comment=None, rated_at="2026-03-01T09:05:00.000007Z"
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"rating": "good"}, "rating must be High, Medium, Low or Withdrawn; got 'good'."),
        ({"reason_code": "too dear"}, "reason_code must be buys_elsewhere, no_need, price, out_of_stock or wrong_fit"),
        ({"channel": "email"}, "channel must be app, worksheet or import; got 'email'."),
        ({"customer_id": " "}, "customer_id is missing."),
        ({"product_id": 17}, "product_id must be a text, not 17."),
        ({"rated_by": None}, "rated_by must be a text, not None."),
        ({"event_id": ""}, "event_id is missing."),
        ({"comment": "a\x00b"}, "comment contains a zero byte or half a character"),
        ({"comment": "\ud83d"}, "comment contains a zero byte or half a character"),
        ({"comment": "x" * 4001}, "comment has 4,001 characters; at most 4,000 are kept. Shorten it."),
        ({"rank": 0}, "rank must be a whole number, 1 or more; got 0."),
        ({"rank": 1.5}, "rank must be a whole number"),
        ({"rank": True}, "rank must be a whole number"),
        ({"rank": ""}, "rank must be a whole number"),
        ({"score": float("nan")}, "score must be a number; got nan."),
        ({"score": "0.5"}, "score must be a number; got '0.5'."),
        ({"score": ""}, "score must be a number; got ''."),
        ({"rated_at": "2026-03-01T09:00:00"}, "rated_at must be a date and time with its zone, such as"),
        ({"rated_at": "yesterday"}, "rated_at must be a date and time with its zone"),
        ({"rated_at": datetime.now(UTC) + timedelta(days=2)}, "rated_at is in the future"),
    ],
)
def test_a_value_that_no_event_may_have_is_named_with_its_column(tmp_path, values, told):
    with RatingStore.open(f"sqlite:{tmp_path}/r.sqlite", data_kind="own") as store:
        with pytest.raises(InvalidEvent) as refused:
            store.save(replace(RATED, **values))
        assert told in str(refused.value) and [refused.value.field] == list(values)
        assert store.newest_of_all() == {}


def test_the_build_knows_the_same_words_and_columns():
    checks = (PROJECT / "macros" / "checks.sql").read_text()

    def words(macro: str) -> list[str]:
        return re.findall(r'"(\w+)"', re.search(rf"macro {macro}\(\).*?endmacro", checks, re.DOTALL)[0])

    assert words("reason_codes") == list(REASON_CODES)
    assert words("channels") == list(CHANNELS)
    assert set(words("passing_reasons")) < set(REASON_CODES)
    known = re.findall(r"'(\w+)'$", (PROJECT / "models/staging/judged_rating_events.sql").read_text(), re.MULTILINE)
    assert [word for word in known if word.istitle()] == list(RATINGS)
    for table in TABLES.values():
        saved = METADATA.tables[table.name].columns
        assert {column.name for column in saved if not column.nullable} == set(table.required)
        assert {column.name for column in saved if column.nullable} == set(table.optional)


# --- where it is -----------------------------------------------------------------------------------------------


def test_without_an_address_demo_and_own_data_have_a_file_each():
    with environment(IPRE_RATINGS_URL=None):
        for kind in ("own", "demo"):
            assert address_of(kind) == Address(file=DEFAULT_FILES[kind], is_named=False)
    assert DEFAULT_FILES["own"] != DEFAULT_FILES["demo"]
    [folder] = {file.parent for file in DEFAULT_FILES.values()}
    assert f"/{folder.name}/" in (PROJECT / ".gitignore").read_text().splitlines()
    cleaned = re.search(r"^clean:\n((?:\t.*\n)+)", (PROJECT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert folder.name not in cleaned


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sqlite:///some/r.sqlite", {"file": PROJECT / "some" / "r.sqlite"}),
        ("sqlite:some/r.sqlite", {"file": PROJECT / "some" / "r.sqlite"}),
        ("sqlite:////srv/r.sqlite", {"file": Path("/srv/r.sqlite")}),
        ("sqlite:/srv/r.sqlite", {"file": Path("/srv/r.sqlite")}),
        ("postgresql+psycopg://ipre@db/erp", {"server": "postgresql://ipre@db/erp"}),
        ("postgresql://ipre@db/erp?sslmode=require", {"server": "postgresql://ipre@db/erp?sslmode=require"}),
        ("none", {}),
    ],
)
def test_an_address_is_read_in_either_spelling(text, place):
    assert address_of("own", text) == Address(**place)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ratings.sqlite", "IPRE_RATINGS_URL is not a valid ratings store URL. Use sqlite:///folder/ratings.sqlite"),
        ("mysql://db/erp", "is not a valid ratings store URL"),
        ("sqlite:", "is not a valid ratings store URL"),
        ("postgresql:db", "is not a valid ratings store URL"),
        ("postgresql://ipre:hush@db/erp", "contains a password. Remove it, and set PGPASSWORD"),
        ("postgresql://db/erp?user=ipre&password=hush", "contains a password"),
    ],
)
def test_an_address_that_is_none_is_refused_and_its_password_is_not_told(text, told):
    with pytest.raises(AddressRefused) as refused:
        address_of("own", text)
    assert told in str(refused.value) and "hush" not in str(refused.value)


def test_sqlite_writes_ahead_and_to_the_disk_and_the_group_may_write(tmp_path):
    file = tmp_path / "folder" / "r.sqlite"
    with RatingStore.open(f"sqlite:{file}", data_kind="own") as store, store.engine.connect() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
        assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o660}
    assert file.parent.stat().st_mode & 0o7777 == 0o2770


def test_a_store_that_cannot_be_written_is_named_with_what_to_do(tmp_path):
    (tmp_path / "text.sqlite").write_text("no database at all, but long enough to be asked whether it is one" * 20)
    for name, told in {
        "text.sqlite": "text.sqlite: file is not a database. The file is damaged or not SQLite.",
        "text.sqlite/r.sqlite": "Not a directory",
        "": "unable to open database file. Give this user the right to write the file and its folder.",
    }.items():
        with pytest.raises(StoreUnavailable, match=re.escape(told)):
            RatingStore.open(f"sqlite:{tmp_path}/{name}", data_kind="own")
    with pytest.raises(StoreUnavailable, match="IPRE_RATINGS_URL is none, so nothing can be rated"):
        RatingStore.open("none", data_kind="own")
    with pytest.raises(StoreUnavailable, match="Correct IPRE_RATINGS_URL, or save again when the store is available"):
        RatingStore.open(f"postgresql://ipre@/ipre?host={tmp_path}", data_kind="own")


# --- what the build reads --------------------------------------------------------------------------------------


def read_at(url: str | None, connection: duckdb.DuckDBPyConnection | None = None) -> dict[str, list[tuple]]:
    """Read the store at an address as a build does."""
    connection = connection or duckdb.connect()
    with environment(IPRE_RATINGS_URL=url):
        read_ratings(connection, list(TABLES.values()), "own")
    return {name: connection.execute(f"from input.{name}").fetchall() for name in TABLES}


def test_the_build_reads_what_was_saved(ratings, url):
    ratings.save_all([at(5), RATED, at(3)])
    assert read_at(url)["list_openings"] == []
    ratings.note_opening(ListOpening("C1", "run 1", "Ada"))
    connection = duckdb.connect()
    assert len(read_at(url, connection)["list_openings"]) == 1
    events = connection.execute("from input.rating_events").fetchall()
    columns = [name for name, *_ in connection.execute("describe input.rating_events").fetchall()]
    assert [dict(zip(columns, row, strict=True)) for row in events] == [
        {name: None if value is None else str(value) for name, value in vars(event).items()} | {"row_number": number}
        for number, event in enumerate((at(3), at(5), RATED), start=1)
    ]


def test_no_store_has_no_rows_and_a_named_one_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setattr("ipre.ratings.address.DEFAULT_FILES", {"own": tmp_path / "r.sqlite"})
    for nothing in (None, "none"):
        assert read_at(nothing) == {"rating_events": [], "list_openings": []}
    assert list(tmp_path.iterdir()) == []
    for name, told in {
        "r.sqlite": "does not exist. Correct the path. To create a new store, start the app",
        "other.sqlite": "is not a ratings store: it has no table rating_events",
        "text.sqlite": "cannot be read (file is not a database). Correct IPRE_RATINGS_URL",
        "columns.sqlite": "required column 'event_id' is missing. Columns found: id.",
    }.items():
        if name in ("other.sqlite", "columns.sqlite"):
            with sqlite3.connect(tmp_path / name) as other:
                tables = TABLES if name == "columns.sqlite" else ["customers"]
                other.executescript("".join(f"create table {table} (id);" for table in tables))
            other.close()
        if name == "text.sqlite":
            (tmp_path / name).write_text("no database at all, but long enough to be asked whether it is one" * 20)
        with pytest.raises(Refused, match=re.escape(told)):
            read_at(f"sqlite:{tmp_path}/{name}")
    # The app has made the file, and is about to make the tables.
    (tmp_path / "new.sqlite").touch()
    assert read_at(f"sqlite:{tmp_path}/new.sqlite")["rating_events"] == []


def read_as_nobody(url: str, told: Path) -> None:
    """Write down what a user says who may read the store and not write."""
    with told.open("w") as output:
        os.setuid(65534)  # Who gives root away does not get it back.
        output.write(refusal(read_at, url))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_a_build_whose_user_may_not_write_beside_the_file_is_told_so(tmp_path_factory):
    folder = tmp_path_factory.mktemp("private", numbered=True)
    with RatingStore.open(f"sqlite:{folder}/store/r.sqlite", data_kind="own") as store:
        store.save(RATED)
    (folder / "store").chmod(0o755)
    (folder / "store" / "r.sqlite").chmod(0o644)
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    assert in_a_process(read_as_nobody, f"sqlite:{folder}/store/r.sqlite", folder / "told") == 0
    told = (folder / "told").read_text()
    assert "r.sqlite cannot be read (" in told and "a common group with write access to the file" in told


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
        assert store.save(RATED) and store.newest("C1", "P1") == RATED
    assert [row[1:3] for row in read_at(nightly)["rating_events"]] == [("C1", "P1")]


# --- writers, a reader, and kills ------------------------------------------------------------------------------


def write(url: str, told: Path, writer: int, events: int) -> None:
    """Be one writer, whose events are numbered; every fifth, the first included, notes an opening under the same id.

    Whatever the store has acknowledged stands in the file `told` then, a line each: this process and the event's id.
    """
    with RatingStore.open(url, data_kind="own") as store, told.open("ab", buffering=0) as output:
        for number in range(events):
            customer, product, rating = (
                f"00{1 + writer % 6}",
                f"P{1 + number % 8}",
                ("High", "Medium", "Low")[number % 3],
            )
            event = RatingEvent(
                customer, product, rating, rated_by=f"Writer {writer}", channel="app", event_id=f"{writer}-{number}"
            )
            assert store.save(event)
            # A line this short is written whole or not at all, whoever else writes.
            output.write(f"{os.getpid()} {event.event_id}\n".encode())
            if number % 5 == 0:
                opening = ListOpening(customer, "a run", event.rated_by, opening_id=event.event_id)
                assert store.note_opening(opening)


def check_is_one_moment(rows: dict[str, list[tuple]]) -> None:
    """Of each writer the first events without a gap, and the openings between them; perhaps not the last one."""
    events, openings = (Counter(row[0].split("-")[0] for row in rows[name]) for name in TABLES)
    numbers: dict[str, set[int]] = {}
    for row in rows["rating_events"]:
        writer, number = row[0].split("-")
        numbers.setdefault(writer, set()).add(int(number))
    for writer, count in events.items():
        assert numbers[writer] == set(range(count))
        assert openings[writer] in {(count + 4) // 5, (count + 3) // 5}
    assert set(openings) <= set(events)


def test_eight_writers_lose_nothing_and_whoever_reads_meanwhile_sees_one_moment(tmp_path, url):
    (told := tmp_path / "told").touch()
    events = 100 if url.startswith("sqlite") else 500  # A server saves faster than it is read.
    processes = [a_process(write, url, told, writer, events) for writer in range(8)]
    while not told.stat().st_size:
        time.sleep(0.01)
    seen, connection = [0], duckdb.connect()
    while seen[-1] < 0.8 * 8 * events:
        check_is_one_moment(rows := read_at(url, connection))
        seen.append(len(rows["rating_events"]))
    assert seen == sorted(seen) and len(seen) > 5
    for process in processes:
        process.join()
    assert len(set(told.read_text().splitlines())) == 8 * events and {one.exitcode for one in processes} == {0}
    with RatingStore.open(url, data_kind="own") as store:
        assert len(store.newest_of_all()) == 6 * 8
    read = {name: len(rows) for name, rows in read_at(url).items()}
    assert read == {"rating_events": 8 * events, "list_openings": 8 * events / 5}


def test_twenty_killed_writers_lose_no_acknowledged_rating(tmp_path, url):
    (told := tmp_path / "told").touch()
    processes, killed = [a_process(write, url, told, writer, 100_000) for writer in range(20)], set()
    with told.open() as lines:
        while any(process.is_alive() for process in processes):
            for writer, event_id in map(str.split, lines):
                # Each at another moment of its work.
                if writer not in killed and int(event_id.split("-")[1]) >= len(killed):
                    os.kill(int(writer), signal.SIGKILL)
                    killed.add(writer)
    assert len(killed) == 20
    rows = read_at(url)
    assert {line.split()[1] for line in told.read_text().splitlines()} <= {row[0] for row in rows["rating_events"]}
    check_is_one_moment(rows)
    with RatingStore.open(url, data_kind="own") as store:
        assert store.save(RATED)
    assert len(read_at(url)["rating_events"]) == len(rows["rating_events"]) + 1
    if url.startswith("sqlite"):
        with sqlite3.connect(address_of("own", url).file) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
