"""Published sets in an object store: readers there see one whole run, and never one that this machine does not show."""

import json
import shutil

import duckdb
import pytest
from conftest import PROJECT, dbt, environment

from ipre.run.published_store import PublishedStore
from ipre.run.warehouse import Refused


@pytest.fixture
def bucket(store):
    """The bucket of a server that speaks S3, empty, and what is found in it."""
    import s3fs

    with environment(**store):
        files = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
        if files.exists("exports/lists"):
            files.rm("exports/lists", recursive=True)
        yield files


def run(folder, store, *arguments, **options):
    return dbt(folder, *arguments, IPRE_PUBLISH_DIR="s3://exports/lists", project=options.pop("project"), **options)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the project, in which commands run: the folder on this machine is its `published`."""
    copy = tmp_path / "project"
    ignored = shutil.ignore_patterns(".git", ".venv*", "target", "logs", "published", ".cache", "*.duckdb")
    shutil.copytree(PROJECT, copy, ignore=ignored)
    monkeypatch.chdir(copy)
    return copy


def pointer(bucket) -> dict:
    return json.loads(bucket.cat_file("exports/lists/current.json"))


def rows_there(bucket, tmp_path) -> int:
    """Rows of the lists that a reader of the store gets by following the pointer."""
    bucket.get_file(
        f"exports/lists/{pointer(bucket)['files']}final_recommendations.parquet", f"{tmp_path}/there.parquet"
    )
    return duckdb.sql(f"select count(*) from '{tmp_path}/there.parquet'").fetchall()[0][0]


def test_a_store_shows_the_run_that_this_machine_shows_and_follows_a_roll_back(
    project, bucket, store, tmp_path, small_data
):
    arguments = {"data_dir": small_data, "project": project}
    first = run(tmp_path / "build", store, "build", **arguments)
    assert first.success, first.messages
    shown = first.rows("select published_run_id from build_runs", schema="main")
    assert [(pointer(bucket)["run_id"],)] == shown
    assert rows_there(bucket, tmp_path) == first.rows("select count(*) from final_recommendations")[0][0]
    local = project / "published" / "current"
    remote = {
        name.rpartition("/")[2]: bucket.size(name) for name in bucket.ls(f"exports/lists/sets/{local.readlink().name}")
    }
    assert remote == {file.name: file.stat().st_size for file in local.iterdir()}

    second = run(tmp_path / "build", store, "build", **arguments)
    assert second.success, second.messages
    assert pointer(bucket)["set"] == local.readlink().name != shown[0][0]
    back = run(tmp_path / "build", store, "run-operation", "roll_back", project=project)
    assert back.success, back.messages
    assert pointer(bucket)["set"] == local.readlink().name
    assert not [name for name in bucket.ls("exports/lists") if name.endswith(".probe")]


def test_what_cannot_be_written_stops_a_run_before_it_builds(project, store, tmp_path, small_data):
    with environment(**store):
        refused = dbt(
            tmp_path / "build", "build", data_dir=small_data, project=project, IPRE_PUBLISH_DIR="s3://nobodys/lists"
        )
    assert not refused.success
    assert "s3://nobodys/lists (IPRE_PUBLISH_DIR) cannot be written" in refused.messages
    assert refused.statuses == {} or "success" not in refused.statuses.values()


class Folder:
    """A published folder that shows one set of one file."""

    def __init__(self, root, name):
        self.sets, self.name = root / "sets", name
        (self.sets / name).mkdir(parents=True)
        (self.sets / name / "lists.parquet").write_bytes(b"rows of " + name.encode())

    def shown(self):
        return self.name

    def kept_sets(self):
        return [self.name]


OLD = "20260101T000000Z-00000000-0000-0000-0000-00000000000a"
NEW = "20260102T000000Z-00000000-0000-0000-0000-00000000000b"


def test_the_next_command_points_to_what_a_killed_one_had_shown_and_clears_what_is_kept_no_more(bucket, tmp_path):
    store = PublishedStore("s3://exports/lists")
    store.follow(Folder(tmp_path / "old", OLD))
    assert store.shown() == OLD
    bucket.pipe_file("exports/lists/sets/notes.txt", b"not ipre's")
    # Uploaded in part and shown on this machine, then killed.
    new = Folder(tmp_path / "new", NEW)
    bucket.pipe_file(f"exports/lists/sets/{NEW}/lists.parquet", b"rows")
    assert store.shown() == OLD
    PublishedStore("s3://exports/lists").check(new)
    assert store.shown() == NEW
    assert bucket.cat_file(f"exports/lists/sets/{NEW}/lists.parquet") == b"rows of " + NEW.encode()
    assert sorted(name.rpartition("/")[2] for name in bucket.ls("exports/lists/sets")) == [NEW, "notes.txt"]


def test_an_address_with_a_secret_is_refused_without_repeating_it():
    with pytest.raises(Refused) as refused:
        PublishedStore("s3://key:hush@exports/lists")
    assert "hush" not in str(refused.value)
    assert "IPRE_PUBLISH_DIR" in str(refused.value)
