"""The folder that readers look into: sets of files, and the link `current` that says which one readers see.

Every run has a set of its own, `sets/<time>-<run>/`. Replacing the link is one step of the file system, so that a
reader finds the complete old or the complete new set. The names that readers use, `final_recommendations.csv` and so
on, are links through `current`.
"""

import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from .warehouse import Refused, glob_escaped, literal

# What a process makes aside while it publishes has its number in its name.
UNFINISHED = re.compile("[.]unfinished-[0-9]+")
ASIDE = re.compile("[.](current|probe)-[0-9]+")
# The time of a run and its id. Anything else under sets/ is not ipre's.
SET = re.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LOCK_SECONDS = 600
# Newest sets that keep such files; older sets keep Parquet, from which a rollback makes the others again. A CSV file
# is read at once, but a dashboard keeps the serving file open, and on a network drive an open file must stay.
SETS_WITH = {".csv": 1, ".duckdb": 2}


class PublishedFolder:
    """The folder that readers look into. Files that ipre did not make stay as they are."""

    def __init__(self, root: Path) -> None:
        """root: what IPRE_PUBLISH_DIR names; it need not exist yet."""
        self.root = root.expanduser()
        self.sets = self.root / "sets"
        self.current = self.root / "current"

    def check_is_not_built_in(self, warehouse: Path) -> None:
        """Raise Refused when the warehouse is a file that readers see: they would see a run while it builds."""
        if self.sets.resolve() in warehouse.resolve().parents:
            raise Refused(
                f"ipre warehouse: {warehouse} is a published file that readers see. Set IPRE_WAREHOUSE to another file."
            )

    def check(self) -> None:
        """Make the folder if it is not there, clear what killed runs left; raise Refused when it cannot be written."""
        if re.match("[A-Za-z0-9+.-]+:/", str(self.root)):
            raise Refused(f"{self.root} is not a folder on this machine. Set IPRE_PUBLISH_DIR to one.")
        if sign := re.search(r"[?\\]", str(self.root)):
            raise Refused(
                f"the folder {self.root} for published files has a {sign[0]} in its path, which DuckDB cannot "
                "handle. Set IPRE_PUBLISH_DIR to another folder, or to a symbolic link to it."
            )
        probe = self.root / f".probe-{os.getpid()}"
        try:
            if self.root.is_dir():
                self.check_names([])
            self.sets.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(BlockingIOError), self.locked(seconds=0):
                self.clear_unfinished()
            probe.symlink_to("sets")
            probe.unlink(missing_ok=True)
        except OSError as error:
            raise Refused(
                f"the folder {self.root} for published files cannot be written ({error.strerror}). Grant this user "
                "write access, or set IPRE_PUBLISH_DIR to another folder."
            ) from error

    def check_names(self, names: list[str]) -> None:
        """Raise Refused when one of these names, or one that every set needs, is taken by what is not ipre's."""
        owned = {self.root / name: leads_through_current for name in names}
        owned |= {self.current: leads_to_a_set, self.sets: Path.is_dir}
        # A broken link takes a name, too.
        if foreign := [path for path, is_ours in owned.items() if os.path.lexists(path) and not is_ours(path)]:
            raise Refused(
                f"{foreign[0]} was not made by ipre, but ipre needs this name. Move it, or set IPRE_PUBLISH_DIR to "
                "another folder."
            )

    def check_version(self) -> None:
        """Raise Refused when an ipre older than 3.0.0 made what readers see: its run log has other columns."""
        if self.shown() and not (self.current / "build_run_rows.parquet").exists():
            raise Refused(
                f"{self.root} shows lists of an ipre older than 3.0.0 (build_run_rows.parquet is missing). Set "
                "IPRE_WAREHOUSE and IPRE_PUBLISH_DIR to new paths, then run `dbt build` again."
            )

    @contextlib.contextmanager
    def locked(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the folder against other publishing processes; the lock ends with the process, however it ends.

        Raises BlockingIOError when another process has it for more than these seconds.
        """
        with (self.root / ".lock").open("a") as lock:
            deadline = time.monotonic() + seconds
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise BlockingIOError(
                            f"another process is publishing to {self.root} and has not finished. Try again later"
                        ) from None
                    time.sleep(0.1)
            yield

    def clear_unfinished(self) -> None:
        """Delete what was not finished: its process is gone. Needs the lock."""
        for left in self.sets.iterdir():
            if UNFINISHED.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
        for left in self.root.iterdir():
            if ASIDE.fullmatch(left.name) and left.is_symlink():
                left.unlink()

    @contextlib.contextmanager
    def new_set(self) -> Iterator[Path]:
        """Return an empty folder for a new set, out of readers' sight; what is not used is cleared. Needs the lock."""
        self.clear_unfinished()
        unfinished = self.sets / f".unfinished-{os.getpid()}"
        unfinished.mkdir(parents=True)
        try:
            yield unfinished
        finally:
            self.clear_unfinished()

    def clear_unseen(self) -> None:
        """Delete sets newer than the one that readers see: their runs were killed before anybody saw them."""
        for name in self.kept_sets():
            if self.shown() and name > self.shown():
                shutil.rmtree(self.sets / name)

    def finish_set(self, unfinished: Path, name: str) -> None:
        """Flush a complete set to disk, link every published name through `current`, and give the set its name.

        Raises Refused for a name taken by what is not ipre's. Needs the lock.
        """
        for path in [*unfinished.iterdir(), unfinished]:
            sync(path)
        self.link_names(sorted(path.name for path in unfinished.iterdir()))
        unfinished.rename(self.sets / name)
        sync(self.sets)

    def link_names(self, names: list[str]) -> None:
        """Link published names through `current`."""
        self.check_names(names)
        for name in names:
            link = self.root / name
            if not link.is_symlink():
                link.symlink_to(Path("current") / name)

    def show(self, name: str) -> None:
        """Show readers a complete set: the one step in which everything changes. Needs the lock."""
        aside = self.root / f".current-{os.getpid()}"
        aside.symlink_to(Path("sets") / name)
        aside.replace(self.current)

    def shown(self) -> str | None:
        """Return the name of the set that readers see; None before the first."""
        return self.current.readlink().name if leads_to_a_set(self.current) and self.current.is_dir() else None

    def kept_sets(self) -> list[str]:
        """Return the names of the sets in the folder, oldest first."""
        folders = [path.name for path in self.sets.iterdir() if path.is_dir() and not path.is_symlink()]
        return sorted(filter(SET.fullmatch, folders))

    def tidy(self, keep: int | None) -> None:
        """Delete what the set that readers see has replaced. Needs the lock.

        keep: most sets that stay; None keeps all.
        """
        sync(self.root)
        shown, names = self.shown(), self.kept_sets()
        for link in {self.root / path.name for name in names for path in (self.sets / name).iterdir()}:
            if leads_through_current(link) and not link.exists():
                link.unlink()
        for name in names[:-keep] if keep else []:
            if name != shown:
                shutil.rmtree(self.sets / name)
        for suffix, count in SETS_WITH.items():
            for name in self.kept_sets()[:-count]:
                for file in (self.sets / name).glob(f"*{suffix}") if name != shown else []:
                    file.unlink()

    def rows(self, table: str) -> str:
        """Return an SQL relation of what readers see of a table at the time of reading."""
        return read_parquet(self.current.absolute() / f"{table}.parquet")


def elsewhere(folder: str, wanted: str) -> Refused:
    """Return the error for a folder or store that a warehouse does not publish to: it may show other data."""
    return Refused(
        f"ipre: this warehouse publishes to {folder}, but IPRE_PUBLISH_DIR is {wanted}. For other data, set "
        f"IPRE_WAREHOUSE to another file. To move these lists to {wanted}, run: IPRE_PUBLISH_DIR={wanted} dbt "
        "run-operation move_published"
    )


def read_parquet(file: Path) -> str:
    """Return a Parquet file as an SQL relation."""
    return f"read_parquet({literal(glob_escaped(file))}, hive_partitioning = false)"


def run_of(name: str) -> str:
    """Return the id of the run that made a set."""
    return name.partition("-")[2]


def leads_through_current(path: Path) -> bool:
    """Whether this is a link as ipre makes one for a name that readers use."""
    return path.is_symlink() and path.readlink() == Path("current") / path.name


def leads_to_a_set(path: Path) -> bool:
    """Whether this is a link as ipre makes `current`."""
    return path.is_symlink() and re.fullmatch(f"sets/{SET.pattern}", str(path.readlink())) is not None


def sync(path: Path) -> None:
    """Flush a file or folder to disk before anything points to it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
