"""Reading while builds publish: every answer is of one run, and no query breaks."""

import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import customer_page

from ipre import serving


def publish_again(published: Path, run: str) -> str:
    """Publish the same lists once more as another run: a new folder, and the link moved in one step. Returns its id."""
    run_id = f"{run * 8}-0000-0000-0000-000000000000"
    target = published / "sets" / f"29991231T00000{run}Z-{run_id}"
    shutil.copytree((published / "current").resolve(), target)
    with duckdb.connect(str(target / "ipre_serving.duckdb")) as connection:
        connection.execute(
            "insert into build_runs select * replace ($run as run_id, $run as published_run_id, "
            "finished_at + interval 1 day as finished_at) from build_runs order by finished_at desc limit 1",
            {"run": run_id},
        )
    aside = published / f".current-{run}"
    aside.symlink_to(f"sets/{target.name}")
    aside.replace(published / "current")
    return run_id


def test_one_run_is_opened_once_and_the_next_is_seen_at_the_next_look(published, lists):
    assert serving.current() is lists
    made = publish_again(published, "1")
    assert serving.current().run.run_id == made != lists.run.run_id


def test_after_a_roll_back_the_lists_are_those_of_the_run_that_made_them(published, change):
    with duckdb.connect(str(published / serving.SERVING_FILE)) as file:
        [(made,)] = file.execute("select run_id from build_runs").fetchall()
    change(
        "insert into build_runs by name select 'rolled' as run_id, published_run_id, 'rolled back' as outcome, "
        "started_at + interval 1 day as started_at, finished_at + interval 1 day as finished_at from build_runs"
    )
    assert serving.current().run.run_id == made


def test_a_query_in_flight_outlives_three_publications_and_the_end_of_its_file(published, lists):
    places = lists.row("select count(*) as places from final_recommendations")["places"]
    cursor = lists.connection.cursor()
    cursor.execute("select a.customer_id from final_recommendations as a, final_recommendations as b")
    first = cursor.fetchmany(10)
    path = lists.path
    del lists
    for run in "123":
        publish_again(published, run)
        serving.current()
    path.unlink()
    assert len(first) + len(cursor.fetchall()) == places**2


@pytest.mark.parametrize("query", ["delete from as_of", "from read_csv('/etc/passwd')", "install httpfs"])
def test_nothing_can_be_written_through_a_reader_and_no_other_file_read(lists, query):
    with pytest.raises(duckdb.Error):
        lists.rows(query)


def test_a_page_drawn_before_a_publication_saves_the_run_that_it_showed(published, lists, hers, store):
    shown = lists.run.run_id
    page = customer_page(hers[0])
    product = lists.row("from final_recommendations where customer_id = $c order by rank", c=hers[0])
    published_since = publish_again(published, "1")
    key = f"rating|{hers[0]}|{product['recommended_product']}"
    page.segmented_control(key=key).set_value("High").run()
    assert store.newest(hers[0], product["recommended_product"]).run_id == shown
    assert page.session_state["run_id"] == published_since
