"""What readers see changes as a whole, comes back as a whole, and nothing that is not ipre's is touched."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest
from tiny_runs import CHANGES, LISTS, OF_A_RANKER, TinyRuns, a_command

from ipre.run import publishing, set_files
from ipre.run.input_counts import Count
from ipre.run.published_folder import PublishedFolder
from ipre.run.warehouse import Refused


@pytest.fixture
def tiny(tiny):
    """One run is published."""
    tiny.publish()
    return tiny


def sets(tiny: TinyRuns) -> list[str]:
    return sorted(path.name for path in (tiny.published / "sets").iterdir())


def test_a_run_replaces_the_lists_and_adds_to_what_is_kept(tiny):
    second = tiny.publish()
    seen = tiny.seen()
    assert [row[0] for row in seen["final_recommendations"]] == [2]
    assert [row[1] for row in seen["changes"]] == [1, 2]
    assert tiny.outcomes() == [("build", "published")] * 2
    assert (
        tiny.rows("select run_id = published_run_id, reason, duration_seconds >= 0 from build_runs")
        == [(True, None, True)] * 2
    )
    assert (tiny.published / "current").readlink().name.endswith(second)


def test_rows_of_runs_long_gone_are_dropped(tiny, monkeypatch):
    monkeypatch.setattr(publishing, "KEPT_RUNS", 2)
    for _ in range(2):
        tiny.publish()
    assert [row[1] for row in tiny.seen()["changes"]] == [2, 3]


def test_old_sets_go_and_the_one_that_readers_see_stays(tiny):
    [first] = sets(tiny)
    for _ in range(3):
        tiny.publish()
    assert len(sets(tiny)) == publishing.KEPT_SETS == 3 and first not in sets(tiny)
    assert (tiny.published / "current").readlink().name == sets(tiny)[-1]
    # Of the older ones Parquet stays, from which a roll-back makes the rest again.
    assert not list((tiny.published / "sets" / sets(tiny)[0]).glob("*.duckdb"))


def test_a_roll_back_gives_readers_the_run_before_until_the_next_build(tiny):
    before = tiny.seen()
    second = tiny.publish()
    after = tiny.seen()
    tiny.roll_back()
    back = tiny.seen()
    assert back["final_recommendations"] == before["final_recommendations"]
    assert back["changes"] == after["changes"]
    [(outcome, reason)] = tiny.rows("select outcome, reason from build_runs order by started_at desc limit 1")
    assert (outcome, reason) == ("rolled back", f"to {sets(tiny)[0]}")
    # Not back to the lists that it came from.
    with pytest.raises(Refused, match=r"there is no earlier set in .* Sets there, oldest first: "):
        tiny.roll_back()
    with pytest.raises(Refused, match="there is no set named "):
        tiny.roll_back(to="nonsense")
    tiny.roll_back(to=second)
    assert tiny.shown() == 2
    # The lists before the newest ones, whatever was shown in between.
    tiny.roll_back()
    assert tiny.shown() == 1
    assert tiny.publish() and tiny.shown() == tiny.number


def test_a_roll_back_to_a_run_of_another_ranker_has_no_rows_of_its_tables(tiny):
    tiny.publish(models=[LISTS, CHANGES, OF_A_RANKER])
    assert tiny.rows("from main.ranker_weights") == [(2,)]
    tiny.roll_back(models=[LISTS, CHANGES, OF_A_RANKER])
    assert tiny.rows("from main.ranker_weights") == [] and tiny.shown() == 1
    # The next run is the first ranker's again: its view would lead nowhere.
    tiny.publish()
    assert tiny.rows("select count(*) from duckdb_views() where view_name = 'ranker_weights'") == [(0,)]


def test_a_view_that_somebody_made_in_main_stays(tiny):
    tiny.connection.execute("create view main.mine as select 1 as x")
    tiny.publish()
    assert tiny.rows("from main.mine") == [(1,)]


def test_readers_of_the_published_files_never_stand_in_a_builds_way(tiny):
    serving = tiny.published / "ipre_serving.duckdb"
    with duckdb.connect(str(serving), read_only=True) as reader:
        tiny.publish()
        assert reader.execute("select number from final_recommendations").fetchall() == [(1,)]
    assert tiny.shown() == 2


def test_the_next_run_reads_what_readers_saw_whatever_is_published_meanwhile(tiny):
    engine, command = tiny.begin()
    assert engine.connect_published(command) == a_command(number=1).run_id
    engine.publish(command.tables)
    assert tiny.rows("select number from input.before") == [(1,)]


def test_before_the_first_publication_there_are_no_rows_to_compare_with(tmp_path, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "published"))
    tiny = TinyRuns(tmp_path)
    engine, command = tiny.begin()
    assert engine.connect_published(command) is None
    assert tiny.rows("from input.before") == []


def test_what_the_set_of_another_version_lacks_is_null(tiny):
    newer = {**LISTS, "columns": LISTS["columns"] | {"new": {"data_type": "double", "description": "New."}}}
    engine, _ = tiny.begin()
    engine.connect_published(a_command(models=[newer, CHANGES]))
    assert tiny.rows("select number, new from input.before") == [(1, None)]


def test_a_folder_that_the_warehouse_does_not_publish_to_is_refused_with_the_command_that_moves_it(tiny, monkeypatch):
    """Or the lists of one distributor would be shown in the folder of another one."""
    before = tiny.seen()
    elsewhere = tiny.folder / "b"
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(elsewhere))
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            tiny.begin()
        assert f"publishes to {tiny.published}, but IPRE_PUBLISH_DIR is {elsewhere}." in str(refused.value)
        assert f"IPRE_PUBLISH_DIR={elsewhere} dbt run-operation move_published" in str(refused.value)
    assert not elsewhere.exists() and tiny.seen() == before


def test_a_folder_that_was_moved_with_what_is_in_it_or_is_named_in_another_way_is_the_same(tiny, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tiny.folder / "x" / ".." / "published"))
    tiny.publish()
    tiny.published = tiny.published.rename(tiny.folder / "elsewhere")
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tiny.published))
    tiny.publish()
    assert tiny.shown() == 3


def test_a_folder_of_another_warehouse_is_not_moved_into(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "other" / "published"))
    other = TinyRuns(tmp_path / "other")
    other.number = 9
    other.publish()
    for step in (tiny.begin, lambda: tiny.engine().move(a_command())):
        with pytest.raises(Refused, match=r"publishes to|shows what another warehouse published"):
            step()
    assert other.shown() == 10


def test_a_folder_that_is_gone_is_left_by_the_command_that_moves(tiny, monkeypatch):
    shutil.rmtree(tiny.published)
    tiny.published = tiny.folder / "b"
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tiny.published))
    tiny.engine().move(a_command())
    tiny.publish()
    assert tiny.shown() == 2


def test_a_folder_of_another_name_gets_what_readers_saw_before_it_gets_anything_new(tiny, monkeypatch):
    before = tiny.seen()
    elsewhere = tiny.folder / "o'brien [a]*"
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(elsewhere))
    engine = tiny.engine()
    engine.move(a_command())
    assert f"files for readers in {elsewhere}" in engine.where_published(a_command())
    engine, _ = tiny.begin()
    assert tiny.seen() == before
    former, tiny.published = tiny.published, elsewhere
    files = ("final_recommendations.csv", "final_recommendations.parquet", "ipre_serving.duckdb")
    assert all((former / name).read_bytes() == (elsewhere / name).read_bytes() for name in files)
    assert engine.connect_published(a_command()) == a_command(number=1).run_id
    tiny.publish()
    assert [row[1] for row in tiny.seen()["changes"]] == [1, 3]
    # And after somebody deleted a folder there is one again.
    shutil.rmtree(elsewhere)
    tiny.publish()
    assert tiny.shown() == 4
    assert [outcome for _, outcome in tiny.outcomes()] == ["published", "interrupted", "published", "published"]


def test_the_counts_of_the_input_stand_beside_the_log_of_published_and_other_runs(tiny):
    for ends in ("publish", "not"):
        engine, command = tiny.begin()
        engine.log.count({"customers": Count(5, {"why": 2}), "products": Count(3, {})})
        if ends == "publish":
            engine.publish(command.tables)
    counted = "select input_table, rows_read, rows_accepted, rows_rejected from {} where run_id = '{}' order by all"
    expected = [("customers", 5, 3, 2), ("products", 3, 3, 0)]
    for number in (2, 3):
        assert tiny.rows(counted.format("main.build_run_rows", a_command(number=number).run_id)) == expected
    assert tiny.rows(counted.format(f"'{tiny.published}/build_run_rows.parquet'", a_command(number=2).run_id))


@pytest.mark.parametrize("name", ["select.2 ü's.duckdb", "100%20 {x}.db"])
def test_paths_and_names_may_hold_nearly_any_sign(tmp_path, monkeypatch, name):
    folder = tmp_path / 'o\'brien "x" [a]* ; drop 100%20 ü {x}'
    tiny = TinyRuns(folder, name)
    tiny.published = folder / "no #1"
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tiny.published))
    for number in (1, 2):
        tiny.publish()
        assert tiny.rows("select number from main.final_recommendations") == [(number,)]
    path = str(tiny.published / "ipre_serving.duckdb")
    with duckdb.connect(path, read_only=True) as serving:
        assert serving.execute("select number from main.final_recommendations").fetchall() == [(2,)]
    tiny.close()


def test_cells_that_a_spreadsheet_would_run_are_harmless_in_the_csv_file(tmp_path):
    wild = ["=1+1", "+49 Nail", "-5 mm", "@sum(a1)", "a;=cmd|' /c calc'!a1", "plain", " =x"]
    harmless = ["'=1+1", "'+49 Nail", "'-5 mm", "'@sum(a1)", "a;'=cmd|' /c calc'!a1", "plain", " '=x"]
    with duckdb.connect() as connection:
        connection.execute("create table names (place integer, name varchar)")
        connection.executemany("insert into names values (?, ?)", list(enumerate(wild)))
        set_files.write_parquet(connection, "from names order by place", tmp_path / "names.parquet")
        set_files.write_csv(connection, tmp_path / "names.parquet")
        written = connection.read_csv(str(tmp_path / "names.csv")).select("name").fetchall()
    assert [name for (name,) in written] == harmless
    assert (tmp_path / "names.csv").read_bytes().startswith(b"\xef\xbb\xbfplace,name")


SET_1, SET_2 = (f"2026010{day}T020000Z-0000000{day}-0000-4000-8000-000000000000" for day in (1, 2))


@pytest.fixture
def folder(tmp_path) -> PublishedFolder:
    """A folder with two published sets of one file."""
    folder = PublishedFolder(tmp_path / "published")
    folder.check()
    for name in (SET_1, SET_2):
        (folder.sets / name).mkdir()
        (folder.sets / name / "a.csv").write_text(name)
        folder.link_names(["a.csv"])
        folder.show(name)
    return folder


def test_foreign_files_links_and_folders_beside_the_published_ones_stay(folder):
    foreign_links = {"mine": "elsewhere", "b.csv": "current/c.csv", ".current-notes": "nowhere", "old": "sets/gone"}
    for name, target in foreign_links.items():
        (folder.root / name).symlink_to(target)
    foreign_sets = [f"{SET_1}.backup", "20250101T000000Z-by-hand", "notes", ".unfinished-thoughts"]
    for name in foreign_sets:
        (folder.sets / name).mkdir()
        (folder.sets / name / "text").write_text("mine")
    (folder.sets / SET_1.replace("1-0000", "9-0000")).symlink_to(folder.root.parent)
    (folder.root / ".lock").write_text("mine")
    folder.check()
    with folder.locked(), folder.new_set():
        folder.link_names(["a.csv"])
        folder.show(SET_2)
        folder.tidy(1)
    assert {name: str((folder.root / name).readlink()) for name in foreign_links} == foreign_links
    assert all((folder.sets / name / "text").read_text() == "mine" for name in foreign_sets)
    assert (folder.root / ".lock").read_text() == "mine"
    assert folder.kept_sets() == [SET_2] and folder.shown() == SET_2


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[(name, kind) for name in ("a.csv", "current", "sets") for kind in ("file", "link to a file", "dead link")],
        *[(name, "folder") for name in ("a.csv", "current")],
    ],
)
def test_a_name_that_something_foreign_has_taken_is_refused_and_it_stays(folder, name, kind):
    taken = folder.root / name
    taken.rename(folder.root / "aside")
    (folder.root / "notes").write_text("mine")
    if kind == "folder":
        taken.mkdir()
    elif kind == "file":
        taken.write_text("mine")
    else:
        taken.symlink_to("notes" if kind == "link to a file" else "nowhere")
    before = os.lstat(taken)
    with pytest.raises(
        Refused, match=f"{name} was not made by ipre, but ipre needs this name. Move it, or set IPRE_PUBLISH_DIR"
    ):
        folder.link_names(["a.csv"])
    if name != "a.csv":  # What every set needs is looked at before a run starts.
        with pytest.raises(Refused, match="was not made by ipre"):
            folder.check()
    assert os.lstat(taken) == before


def test_what_killed_processes_left_aside_is_cleared(folder):
    (folder.root / ".current-1").symlink_to(f"sets/{SET_1}")
    (folder.root / ".probe-1").symlink_to("sets")
    (folder.sets / ".unfinished-1").mkdir()
    folder.check()
    assert sorted(path.name for path in folder.root.iterdir()) == [".lock", "a.csv", "current", "sets"]
    assert sorted(path.name for path in folder.sets.iterdir()) == [SET_1, SET_2]


def test_a_warehouse_among_the_published_files_is_refused(folder):
    with pytest.raises(Refused, match=r"is a published file that readers see[.] Set IPRE_WAREHOUSE to another file"):
        folder.check_is_not_built_in(folder.root / "a.csv")
    folder.check_is_not_built_in(folder.root / "ipre.duckdb")


@pytest.mark.parametrize("path", ["what?", "s3://bucket/published"])
def test_a_folder_that_duckdb_cannot_write_to_is_refused_before_a_run_starts(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="Set IPRE_PUBLISH_DIR to"):
        PublishedFolder(Path(path)).check()
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_that_no_shell_has_replaced_means_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert PublishedFolder(Path("~/published")).root == tmp_path / "published"


def test_lists_of_an_older_version_are_refused_with_what_to_do(tiny):
    (tiny.published / "current" / "build_run_rows.parquet").unlink()
    with pytest.raises(Refused, match=r"older than 3\.0\.0.*Set IPRE_WAREHOUSE and IPRE_PUBLISH_DIR to new paths"):
        tiny.begin()
