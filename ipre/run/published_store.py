"""The published sets in an object store, for readers elsewhere: files first, then one small object that names them.

On this machine the link `current` stays the one switch for files, warehouse and run log. A set is uploaded before that
step, and `current.json` points to it right after. A process that dies between the two leaves readers of the store one
run behind, with all files of that run; the next command points to what the link names.
"""

import contextlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from .published_folder import SET, PublishedFolder, elsewhere, run_of
from .stores import check_address, connected, what_happened
from .warehouse import Refused

POINTER = "current.json"
PROBE = ".probe"


class PublishedStore:
    """A folder in an object store. Objects that ipre did not make stay as they are."""

    def __init__(self, address: str) -> None:
        """address: what IPRE_PUBLISH_DIR says, as s3://bucket/folder. Raises Refused when it contains a secret."""
        check_address(address, "IPRE_PUBLISH_DIR")
        self.address = address.rstrip("/")

    @cached_property
    def opened(self) -> tuple[Any, str]:
        """The store and the folder in it, connected to when they are first needed."""
        return connected(self.address)

    @property
    def files(self) -> Any:
        """The store."""
        return self.opened[0]

    def path(self, *parts: str) -> str:
        """Return the path of an object in the store."""
        return "/".join((self.opened[1].rstrip("/"), *parts))

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Raise what the store's library raises, whatever its kind, as Refused with one line."""
        try:
            yield
        except Refused:
            raise
        except Exception as error:
            raise Refused(f"{self.address} (IPRE_PUBLISH_DIR) cannot be written: {what_happened(error)}.") from error

    def check(self, folder: PublishedFolder, *, is_moved: bool = False) -> None:
        """Find out whether the store can be written, and point to what the folder shows if it points elsewhere.

        is_moved: whether the folder's sets are moving there; else one of them must be there.
        """
        with self.told():
            self.files.pipe_file(self.path(PROBE), b"")
            self.files.rm_file(self.path(PROBE))
            known = {name for name, _ in self.sizes()} & set(folder.kept_sets())
        if folder.shown() and not known and not is_moved:
            raise elsewhere(str(folder.root), self.address)
        self.follow(folder)

    def follow(self, folder: PublishedFolder) -> None:
        """Let readers of the store see the set that the folder shows; delete sets that the folder keeps no more."""
        shown = folder.shown()
        if not shown or shown == self.shown():
            return
        self.upload(folder, shown)
        pointer = {"set": shown, "run_id": run_of(shown), "files": f"sets/{shown}/"}
        with self.told():
            self.files.pipe_file(self.path(POINTER), json.dumps(pointer, indent=2).encode())
            for name in {name for name, _ in self.sizes() if SET.fullmatch(name)} - set(folder.kept_sets()):
                self.files.rm(self.path("sets", name), recursive=True)

    def shown(self) -> str | None:
        """Return the name of the set that readers of the store see; None before the first."""
        with self.told():
            self.files.invalidate_cache()
            if not self.files.exists(self.path(POINTER)):
                return None
            return json.loads(self.files.cat_file(self.path(POINTER)))["set"]

    def upload(self, folder: PublishedFolder, name: str) -> None:
        """Upload the files of a set that are not there yet in their full length."""
        with self.told():
            there = self.sizes()
            for file in sorted((folder.sets / name).iterdir()):
                if there.get((name, file.name)) != file.stat().st_size:
                    self.files.put_file(str(file), self.path("sets", name, file.name))

    def sizes(self) -> dict[tuple[str, str], int]:
        """Return the bytes of every file in the store: set, file -> bytes."""
        self.files.invalidate_cache()
        found = self.files.find(self.path("sets"), detail=True)
        return {tuple(path.split("/")[-2:]): entry["size"] for path, entry in found.items()}
