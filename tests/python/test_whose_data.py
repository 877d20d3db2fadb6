"""The demo is never published over own data: a scheduler that loses its setting must not show invented customers."""

import shutil

import duckdb
import pytest
from conftest import Build, dbt
from input_files import FEEDBACK, write_files


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Build:
    """A warehouse and a folder that have shown own data."""
    folder = tmp_path_factory.mktemp("own")
    build = dbt(folder / "build", "build", data_dir=write_files(folder / "data", feedback=FEEDBACK))
    assert build.success, build.messages
    return build


def shown(build: Build) -> list[tuple]:
    return build.rows("select count(distinct customer_id) from final_recommendations", "main")


def test_a_build_without_a_data_folder_stops_where_own_data_were_shown(own):
    for settings in ({}, {"IPRE_PUBLISH_DIR": own.warehouse.parent / "elsewhere"}):
        build = dbt(own.warehouse.parent, "build", **settings)
        assert not build.success
        assert (
            f"so that this run would build the demo, but the warehouse {own.warehouse} shows your own data"
            in build.messages
        )
        assert build.statuses.get("stg_customers") is None
    assert shown(own) == [(6,)]
    [(outcome, reason)] = own.rows("select outcome, reason from build_runs order by started_at desc limit 1", "main")
    assert outcome == "refused" and "If it is to be the demo, say so: data_dir: demo." in reason


def test_so_it_does_with_another_warehouse_that_publishes_to_the_same_folder(own, tmp_path):
    build = dbt(tmp_path, "build", IPRE_PUBLISH_DIR=own.published)
    assert not build.success
    assert f"but the folder {own.published} shows your own data (run " in build.messages


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_data_folder_that_is_given_but_empty_is_an_error(own, value):
    build = dbt(own.warehouse.parent, "build", variables={"data_dir": value})
    assert not build.success
    assert "ipre parameter: data_dir is given but empty. Give it a value, or leave it out" in build.messages
    assert shown(own) == [(6,)]


def test_log_and_tables_say_whose_data_they_are(own):
    for path in (own.warehouse, own.published / "ipre_serving.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            assert connection.execute("select data_kind from main.as_of").fetchall() == [("own",)]
            runs = connection.execute("select data_kind from main.build_runs where outcome = 'published'")
            assert runs.fetchall() == [("own",)]


def test_the_demo_asked_for_by_name_is_built_even_there(own, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(own.published, folder / "published", symlinks=True)
    shutil.copy(own.warehouse, folder / "ipre.duckdb")
    build = dbt(folder, "build", variables={"data_dir": "demo"})
    assert build.success, build.messages
    assert shown(build) == [(5000,)]
    assert build.rows("select data_kind from as_of", "main") == [("demo",)]
    # Once more without a name: readers were shown own data here, whatever they see now.
    again = dbt(folder, "build")
    assert not again.success
    assert "shows your own data" in again.messages


def test_a_log_of_a_version_that_did_not_note_the_kind_tells_by_its_folder(own, tmp_path):
    shutil.copy(own.warehouse, tmp_path / "ipre.duckdb")
    with duckdb.connect(str(tmp_path / "ipre.duckdb")) as connection:
        connection.execute("drop view main.build_runs; create table main.build_runs as from build.run_notes")
        connection.execute("drop table build.run_notes; alter table main.build_runs drop column data_kind")
        connection.execute('update main.build_runs set parameters = \'{"data_dir": "/srv/export"}\'')
    build = dbt(tmp_path, "build")
    assert not build.success and "shows your own data" in build.messages
