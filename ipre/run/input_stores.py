"""The door for object stores and web servers: files are downloaded through fsspec, and then read as any file.

Who may read there is the environment's business, as each store's own programs take it (AWS_ACCESS_KEY_ID,
AWS_ENDPOINT_URL and so on): an address with a password in it is refused, because addresses stand in messages.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .input_files import SUFFIXES, Folder, unreadable_folder
from .stores import WEB, check_address, connected, what_happened
from .warehouse import Refused


@contextlib.contextmanager
def downloaded(address: str, tables: list[str], path: Path) -> Iterator[Folder]:
    """Have the files of these tables in the folder `path` for a while. What a killed run left there goes first."""
    shutil.rmtree(path, ignore_errors=True)
    try:
        path.mkdir(mode=0o700)
        yield download(address, tables, path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def download(address: str, tables: list[str], path: Path) -> Folder:
    """Download the files of these tables; others stay where they are."""
    check_address(address, "data_dir (or IPRE_DATA_DIR)")
    name = address.rstrip("/")
    wanted = [table + suffix for table in tables for suffix in SUFFIXES]
    is_web = urlsplit(name).scheme.lower() in WEB
    try:
        store, root = connected(name)
        found = wanted if is_web else files_in(store, root)
        # Nobody lists the files of a web server: each is asked for, and need not be there.
        missing = (FileNotFoundError,) if is_web else ()
        there = [file for file in found if file not in wanted or got(store, f"{root}/{file}", path / file, missing)]
    except Refused:
        raise
    except Exception as error:  # Every store's library has errors of its own.
        raise unreadable_folder(name, what_happened(error)) from error
    return Folder(name, sorted(there), path)


def files_in(store: Any, root: str) -> list[str]:
    """List the files of a folder in a store."""
    return [entry["name"].rpartition("/")[2] for entry in store.ls(root, detail=True) if entry["type"] == "file"]


def got(store: Any, remote: str, local: Path, missing: tuple[type[Exception], ...]) -> bool:
    """Download one file; False when the store says in one of these ways that it is not there."""
    try:
        store.get_file(remote, str(local))
    except missing:
        return False
    return True
