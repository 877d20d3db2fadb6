"""Published sets in an object store: readers there see one whole run, and never one that this machine does not show."""

import json
import re
from pathlib import Path

import fsspec
import pytest
from tiny_runs import TinyRuns

from ipre.run.published_folder import run_of
from ipre.run.published_store import PublishedStore
from ipre.run.warehouse import Refused

STORES = ["memory://exports/lists", pytest.param("s3://exports/lists", marks=pytest.mark.slow)]


@pytest.fixture(params=STORES)
def address(request, monkeypatch) -> str:
    """A folder in a store, in which there is nothing yet."""
    if request.param.startswith("s3"):
        for name, value in request.getfixturevalue("store").items():
            monkeypatch.setenv(name, value)
    files, root = fsspec.url_to_fs(request.param)
    if files.exists(root):
        files.rm(root, recursive=True)
    return request.param


def seen(address: str) -> dict[str, bytes]:
    """What a reader gets by following the pointer; nothing before there is one."""
    files, root = fsspec.url_to_fs(address)
    files.invalidate_cache()
    if not files.exists(f"{root}/current.json"):
        return {}
    pointer = json.loads(files.cat_file(f"{root}/current.json"))
    assert pointer["files"] == f"sets/{pointer['set']}/" and pointer["run_id"] == run_of(pointer["set"])
    return {Path(path).name: content for path, content in files.cat(f"{root}/{pointer['files']}*").items()}


OLD = "20260101T000000Z-00000000-0000-0000-0000-00000000000a"
NEW = "20260102T000000Z-00000000-0000-0000-0000-00000000000b"


class Folder:
    """A published folder that shows one of its sets."""

    def __init__(self, root: Path, *names: str):
        self.root, self.sets, self.names = root, root / "sets", list(names)
        for name in names:
            (self.sets / name).mkdir(parents=True, exist_ok=True)
            for file in ("lists.parquet", "lists.csv"):
                (self.sets / name / file).write_text(f"{file} of {name}")

    def shown(self):
        return self.names[-1]

    def kept_sets(self):
        return self.names


def files_of(name: str) -> dict[str, bytes]:
    return {file: f"{file} of {name}".encode() for file in ("lists.parquet", "lists.csv")}


def test_a_store_shows_the_run_that_this_machine_shows_and_follows_a_roll_back(address, tmp_path):
    store, folder = PublishedStore(address), Folder(tmp_path, OLD)
    with pytest.raises(Refused, match=f"IPRE_PUBLISH_DIR={re.escape(address)} dbt run-operation move_published"):
        store.check(folder)
    assert store.shown() is None
    store.check(folder, is_moved=True)
    store.check(folder)
    assert seen(address) == files_of(OLD)
    folder = Folder(tmp_path, OLD, NEW)
    store.follow(folder)
    assert seen(address) == files_of(NEW) and store.shown() == NEW
    folder.names.reverse()
    store.follow(folder)
    assert seen(address) == files_of(OLD)
    files, root = fsspec.url_to_fs(address)
    assert sorted(Path(path).name for path in files.ls(root, detail=False)) == ["current.json", "sets"]


def test_the_next_command_points_to_what_a_killed_one_had_shown_and_clears_what_is_kept_no_more(address, tmp_path):
    store = PublishedStore(address)
    store.follow(Folder(tmp_path / "old", OLD))
    files, root = fsspec.url_to_fs(address)
    files.pipe_file(f"{root}/sets/notes.txt", b"not ipre's")
    # Uploaded in part and shown on this machine, then killed.
    new = Folder(tmp_path / "new", NEW)
    files.pipe_file(f"{root}/sets/{NEW}/lists.parquet", b"rows")
    assert seen(address) == files_of(OLD)
    PublishedStore(address).check(new)
    assert seen(address) == files_of(NEW)
    files.invalidate_cache()
    assert sorted(Path(path).name for path in files.ls(f"{root}/sets", detail=False)) == [NEW, "notes.txt"]


def test_a_reader_never_sees_a_set_that_is_there_in_part(address, tmp_path, monkeypatch):
    """Whichever of its steps a command dies in, readers have all files of the run before."""
    store, new = PublishedStore(address), Folder(tmp_path / "new", NEW)
    store.follow(Folder(tmp_path / "old", OLD))

    def dies(*_, **__):
        raise ConnectionError("the line is dead")

    for step in ("put_file", "pipe_file", "find"):
        with monkeypatch.context() as patch:
            patch.setattr(store.files, step, dies)
            with pytest.raises(Refused, match="cannot be written: the line is dead"):
                store.follow(new)
        assert seen(address) == files_of(OLD)
    store.follow(new)
    assert seen(address) == files_of(NEW)


@pytest.fixture
def tiny(tiny, tmp_path, monkeypatch) -> TinyRuns:
    """A warehouse; with the address of a store, the folder on this machine is `published` where the run is."""
    monkeypatch.chdir(tmp_path)
    return tiny


def test_runs_and_a_roll_back_end_in_the_store(address, tiny, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", address)
    for _ in range(2):
        tiny.publish()
    current, newest = tiny.published / "current", PublishedStore(address).shown()
    assert seen(address).keys() == {file.name for file in current.iterdir()}
    tiny.roll_back()
    assert PublishedStore(address).shown() == current.readlink().name != newest


def test_what_cannot_be_written_stops_a_run_before_it_builds(tiny, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", "nosuch://nobodys/lists")
    with pytest.raises(Refused, match=r"nosuch://nobodys/lists \(IPRE_PUBLISH_DIR\) cannot be written"):
        tiny.begin()
    assert tiny.rows("from information_schema.tables where table_schema = 'build' and table_name = 'changes'") == []


def test_an_address_with_a_secret_is_refused_without_repeating_it():
    with pytest.raises(Refused) as refused:
        PublishedStore("s3://key:hush@exports/lists")
    assert "hush" not in str(refused.value)
    assert "IPRE_PUBLISH_DIR" in str(refused.value)
