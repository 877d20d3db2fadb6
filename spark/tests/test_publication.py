"""On Spark readers see one run's tables, also when the next run dies while it publishes; sets come back and go."""

import itertools
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from dbt.adapters.sparksession.connections import SessionCredentials, new_session

from ipre.run import input_counts
from ipre.run.lifecycle import facts
from ipre.run.run_log import Outcome
from ipre.run.set_files import Table
from ipre.run.warehouse import Refused
from spark.run import publishing
from spark.run.publishing import PublishedSets
from spark.run.run_log import RunLog
from spark.run.schemas import Schemas

LISTS = Table("lists", "t_build", {"customer": "varchar", "score": "double"}, comments={"score": "0..1"})
CHANGES = Table("changes", "t_build", {"run_id": "varchar", "what": "varchar"}, kept=True)
LOG = Table("build_runs", "t_main", {"run_id": "varchar"}, is_log=True)
TABLES = [LISTS, CHANGES, LOG]


class Died(Exception):
    """The process is gone."""


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warehouse")
    session = new_session(SessionCredentials(schema="main", master="local[1]", warehouse=str(folder)))
    yield session
    session.stop()


@pytest.fixture
def project(session):
    """The schemas of a project in which nothing was built yet."""
    schemas = Schemas(session, "t_")
    for name in schemas.beginning_with(""):
        session.sql(f"drop schema {schemas.named(name)} cascade")
    schemas.create()
    return schemas


class Nights:
    """Runs, one after the other: the lists of run 1 name customer 1."""

    def __init__(self, session, schemas):
        self.session, self.schemas, self.numbers = session, schemas, itertools.count(1)

    def begin(self, command="build"):
        """Begin a run, as a process of its own would."""
        self.number = next(self.numbers)
        self.log, self.published = RunLog(self.session, self.schemas), PublishedSets(self.session, self.schemas)
        run = SimpleNamespace(
            run_id=f"run-{self.number}",
            name=command,
            dbt_version="1",
            values={},
            data_kind="own",
            started_at=datetime(2025, 1, self.number, tzinfo=UTC),
        )
        self.log.begin(facts(run))
        self.published.repair(TABLES)

    def publish(self):
        """Build and publish a run."""
        self.begin()
        rows = {
            "lists": f"'{self.number}' as customer, cast(0.5 as double) as score",
            "changes": f"'run-{self.number}' as run_id, 'new' as what",
        }
        for table, row in rows.items():
            self.session.sql(f"drop table if exists t_build.{table}")
            self.session.sql(f"create table t_build.{table} using parquet as select {row}")
        self.log.count({"customers": input_counts.Count(self.number, {"why": 1})})
        self.published.publish(self.log, TABLES)

    def seen(self, relation, column="customer"):
        """Return what readers see."""
        return sorted(row[0] for row in self.session.sql(f"select {column} from {relation}").collect())

    @property
    def current(self):
        return self.published.current()


@pytest.fixture
def nights(session, project):
    return Nights(session, project)


def test_readers_see_the_tables_of_the_newest_run_and_the_changes_of_all(nights):
    for _ in range(3):
        nights.publish()
    assert nights.seen("t_main.lists") == ["3"]
    assert nights.seen("t_main.changes", "run_id") == ["run-1", "run-2", "run-3"]
    assert nights.current["run_id"] == "run-3"
    assert nights.seen(f"{nights.current['set_schema']}.lists") == ["3"]
    assert nights.seen("t_main.build_runs", "outcome") == [Outcome.PUBLISHED] * 3


def test_the_rows_that_runs_read_stand_beside_the_log(nights):
    for _ in range(2):
        nights.publish()
    columns = "concat_ws(' ', run_id, input_table, rows_read, rows_accepted, rows_rejected)"
    assert nights.seen("t_main.build_run_rows", columns) == ["run-1 customers 1 0 1", "run-2 customers 2 1 1"]


def test_changes_of_runs_long_gone_are_dropped(nights, monkeypatch):
    monkeypatch.setattr(publishing, "KEPT_RUNS", 2)
    for _ in range(4):
        nights.publish()
    assert nights.seen("t_main.changes", "run_id") == ["run-3", "run-4"]


@pytest.mark.parametrize("last_step", ["new_set", "show", "note"])
def test_a_run_that_dies_while_it_publishes_leaves_the_set_before(nights, project, monkeypatch, last_step):
    nights.publish()
    shown = nights.current
    with monkeypatch.context() as patch:
        does = getattr(PublishedSets, last_step)

        def dies(self, *arguments):
            if last_step != "note":
                does(self, *arguments)
            raise Died

        patch.setattr(PublishedSets, last_step, dies)
        with pytest.raises(Died):
            nights.publish()
    assert nights.current == shown
    assert nights.seen(f"{shown['set_schema']}.lists") == ["1"]
    nights.begin()
    assert nights.seen("t_main.lists") == ["1"]
    assert project.beginning_with("set_") == [shown["set_schema"].removeprefix("t_")]
    nights.publish()
    assert nights.seen("t_main.lists") == ["4"]


def test_a_first_run_that_dies_while_it_publishes_leaves_nothing(nights, project, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(PublishedSets, "note", lambda *_: (_ for _ in ()).throw(Died))
        with pytest.raises(Died):
            nights.publish()
    nights.begin()
    assert nights.current is None
    assert not project.has("t_main.lists")
    assert project.beginning_with("set_") == []


def test_a_roll_back_shows_the_night_before_and_keeps_the_changes(nights):
    for _ in range(3):
        nights.publish()
    nights.begin("roll_back")
    nights.published.roll_back(nights.log, TABLES, to="")
    assert nights.seen("t_main.lists") == ["2"]
    assert nights.seen("t_main.changes", "run_id") == ["run-1", "run-2", "run-3"]
    assert (nights.current["run_id"], nights.current["lists_of_run"]) == ("run-4", "run-2")
    nights.begin("roll_back")
    nights.published.roll_back(nights.log, TABLES, to="run-3")
    assert nights.seen("t_main.lists") == ["3"]


def test_a_roll_back_to_what_is_not_there_names_what_is(nights):
    nights.publish()
    nights.begin("roll_back")
    with pytest.raises(Refused, match=r"there is no set named .*. Sets there, oldest first: t_set_2025.*run_1"):
        nights.published.roll_back(nights.log, TABLES, to="run-9")
    with pytest.raises(Refused, match="there is no earlier set"):
        nights.published.roll_back(nights.log, TABLES, to="")
    assert nights.seen("t_main.lists") == ["1"]


def test_old_sets_are_cleared_and_the_shown_one_stays(nights, project):
    for _ in range(4):
        nights.publish()
    nights.published.tidy(keep=2)
    assert len(project.beginning_with("set_")) == 2
    assert nights.seen("t_main.lists") == ["4"]


def test_models_read_the_set_that_is_shown_and_null_where_it_lacks_a_column(nights):
    views = {"before": Table("lists", "t_build", {"customer": "varchar", "new": "double"})}
    nights.begin()
    assert nights.published.connect(views) is None
    assert nights.seen("t_input.before") == []
    nights.publish()
    assert nights.published.connect(views) == "run-2"
    assert nights.seen("t_input.before") == ["2"]
    assert nights.seen("t_input.before", "new") == [None]
