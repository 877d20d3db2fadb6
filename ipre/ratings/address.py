"""Where the ratings are, as IPRE_RATINGS_URL says: the one reading of it, for the build and for whoever writes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .errors import AddressRefused

VARIABLE = "IPRE_RATINGS_URL"
PROJECT = Path(__file__).resolve().parents[2]
# The demo's ids look like anybody's: in one store its ratings would count for real customers.
DEFAULT_FILES = {"own": PROJECT / "ratings" / "ratings.sqlite", "demo": PROJECT / "ratings" / "demo.sqlite"}
POSTGRES = ("postgresql", "postgresql+psycopg", "postgres")
NO_STORE = "none"
# Its writers share memory, which two machines do not have.
NETWORK_FILE_SYSTEMS = re.compile(
    "nfs4?|cifs|smb[23]?|smbfs|afs|ncpfs|ceph|glusterfs|lustre|beegfs|gfs2?|ocfs2|davfs2?|fuse[.](sshfs|s3fs|glusterfs|ceph.*|davfs2?|rclone)"
)
MOUNTS = Path("/proc/self/mounts")


@dataclass(frozen=True)
class Address:
    """The place of a store. file: of SQLite; server: a PostgreSQL database as libpq takes it; neither: no ratings.

    is_named: somebody said so, and an absent file is then no store that nobody has used yet.
    """

    file: Path | None = None
    server: str | None = None
    is_named: bool = True

    def __str__(self) -> str:
        """What messages call it; there is no password in it."""
        return str(self.file or self.server or NO_STORE)


def address_of(data_kind: str, url: str | None = None) -> Address:
    """Give the place of the ratings for data of this kind (own or demo). url: instead of IPRE_RATINGS_URL."""
    text = os.environ.get(VARIABLE) if url is None else url
    if text is None:
        return Address(file=local(DEFAULT_FILES[data_kind]), is_named=False)
    kind, _, rest = text.strip().partition(":")
    if kind.lower() == NO_STORE and not rest:
        return Address()
    if kind.lower() == "sqlite" and (path := re.sub("^//(/|$)", "", rest)):
        if path.startswith("//"):
            raise network_path(path)
        return Address(file=local(PROJECT / path))
    if kind.lower() in POSTGRES and rest.startswith("//"):
        return Address(server=without_password(f"postgresql:{rest}"))
    raise AddressRefused(
        f"ipre ratings: {VARIABLE} is no address of a store. Write sqlite:///folder/ratings.sqlite (four slashes for a "
        f"path from the root), postgresql://user@host/database, or {NO_STORE}."
    )


def without_password(address: str) -> str:
    """Refuse a password in an address, because messages show it."""
    try:
        parts = urlsplit(address)
        has_password = parts.password or "password" in parse_qs(parts.query)
    except ValueError as error:
        raise AddressRefused(f"ipre ratings: {VARIABLE} is no address of a database ({error}).") from error
    if has_password:
        raise AddressRefused(
            f"ipre ratings: {VARIABLE} holds a password. Leave it out, and put it into PGPASSWORD or a file that "
            "PGPASSFILE names."
        )
    return address


def local(path: Path) -> Path:
    """Give the resolved path; refuse one on a network drive."""
    resolved = path.resolve()
    kind = file_system(resolved, mounts())
    if NETWORK_FILE_SYSTEMS.fullmatch(kind):
        raise network_path(str(path), kind)
    return resolved


def network_path(path: str, kind: str = "") -> AddressRefused:
    """Word the refusal of a network drive."""
    return AddressRefused(
        f"ipre ratings: {path} is on a network drive{f' ({kind})' if kind else ''}, where SQLite loses what two "
        "machines write. Name a file on a disk of this machine, or a PostgreSQL database for several machines "
        f"(postgresql://user@host/database) in {VARIABLE}."
    )


def mounts() -> list[tuple[str, str]]:
    """List what is mounted: folder and kind of file system. Empty where the system does not say (macOS)."""
    try:
        lines = MOUNTS.read_text().splitlines()
    except OSError:
        return []
    return [(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), f[1]), f[2]) for f in map(str.split, lines)]


def file_system(path: Path, mounted: list[tuple[str, str]]) -> str:
    """Give the kind of file system that a path is on; empty when nobody knows. The last of equals hides the others."""
    above = [(len(folder), place, kind) for place, (folder, kind) in enumerate(mounted) if path.is_relative_to(folder)]
    return max(above)[2] if above else ""
