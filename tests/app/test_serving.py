"""Reading while builds publish: every answer is of one run, and no query breaks."""

import shutil

import duckdb
from conftest import customer_page
from world import World

import serving


def publish_again(world: World, run: str) -> None:
    """Publish the same lists once more as another run: a new folder, and the link moved in one step."""
    published = world.folder / "published"
    name = f"29991231T00000{run}Z-{run * 8}-0000-0000-0000-000000000000"
    shutil.copytree((published / "current").resolve(), published / "sets" / name)
    with duckdb.connect(str(published / "sets" / name / "ipre_serving.duckdb")) as connection:
        connection.execute(
            "insert into build_runs select * replace ($run as run_id, $run as published_run_id, "
            "finished_at + interval 1 day as finished_at) from build_runs order by finished_at desc limit 1",
            {"run": name.partition("-")[2]},
        )
    aside = published / f".current-{run}"
    aside.symlink_to(f"sets/{name}")
    aside.replace(published / "current")


def test_the_next_run_is_seen_at_the_next_look(world):
    before = serving.current()
    publish_again(world, "1")
    after = serving.current()
    assert (before.run_id, after.run_id[:8]) != (after.run_id, before.run_id[:8])
    assert after.run_id == "11111111-0000-0000-0000-000000000000"


def test_one_run_is_opened_once(world):
    assert serving.current() is serving.current()


def test_a_query_in_flight_outlives_three_publications_and_the_end_of_its_file(world):
    old = serving.current()
    cursor = old.connection.cursor()
    cursor.execute("select a.customer_id from final_recommendations as a, final_recommendations as b")
    first = cursor.fetchmany(10)
    path = old.path
    del old
    for run in "123":
        publish_again(world, run)
        serving.current()
    path.unlink()
    rest = cursor.fetchall()
    [(places,)] = world.rows("select count(*) from final_recommendations")
    assert len(first) + len(rest) == places**2


def test_nothing_can_be_written_through_the_app_and_no_other_file_read(world):
    published = serving.current()
    for query in ("delete from as_of", "from read_csv('/etc/passwd')", "install httpfs"):
        try:
            published.rows(query)
        except serving.duckdb.Error:
            continue
        raise AssertionError(query)


def test_a_page_drawn_before_a_publication_saves_the_run_that_it_showed(world, store):
    page = customer_page("C02")
    first = world.offers("C02")[0]
    [(shown,)] = world.rows("select run_id from build_runs where outcome = 'published'")
    publish_again(world, "1")
    page.segmented_control(key=f"rating|C02|{first}").set_value("High").run()
    assert store.newest("C02", first).run_id == shown
    assert page.session_state["run_id"] == "11111111-0000-0000-0000-000000000000"
