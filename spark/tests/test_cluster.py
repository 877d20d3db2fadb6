"""A cluster of one master and two workers publishes what DuckDB publishes, also when a worker dies; so does Connect."""

import json

import pytest
from cluster import kill, running_cluster, running_connect_server, wait_for
from comparison import differences
from conftest import MAKERS
from worlds import Build

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "hard_cases"])  # They are in both runs.
def test_a_cluster_publishes_what_duckdb_publishes(name, known, tmp_path):
    with running_cluster(tmp_path) as cluster:
        build = Build(tmp_path / "build", cluster.master).build(known(name).distributor)
    assert differences(known(name).on_duckdb.tables, build.tables) == {}


def test_a_worker_that_dies_in_the_middle_changes_nothing(known, tmp_path):
    [settings] = known("sample").distributor.nights
    with running_cluster(tmp_path) as cluster:
        build = Build(tmp_path / "build", cluster.master)
        command = build.start(known("sample").distributor.data_for_spark, "build", "--vars", json.dumps(settings))
        wait_for(build.log, r"START .* model ipre_build.associations", seconds=1200)
        kill(cluster.workers[0])
        assert command.wait() == 0, build.log.read_text()[-8000:]
        assert "Lost executor" in build.log.read_text()
    assert differences(known("sample").on_duckdb.tables, build.tables) == {}


def test_a_spark_connect_server_publishes_what_duckdb_publishes(known, tmp_path):
    with running_connect_server(tmp_path / "build" / "spark") as address:
        build = Build(tmp_path / "build", address).build(known("demo").distributor)
    assert differences(known("demo").on_duckdb.tables, build.tables) == {}
