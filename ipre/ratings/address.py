"""The address of the ratings store, from IPRE_RATINGS_URL: for runs, which read, and for everything that writes."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .errors import AddressRefused

VARIABLE = "IPRE_RATINGS_URL"
PROJECT = Path(__file__).resolve().parents[2]
# The demo's ids look like real ones: in one store its ratings would count for real customers.
DEFAULT_FILES = {"own": PROJECT / "ratings" / "ratings.sqlite", "demo": PROJECT / "ratings" / "demo.sqlite"}
POSTGRES = ("postgresql", "postgresql+psycopg", "postgres")
NO_STORE = "none"


@dataclass(frozen=True)
class Address:
    """The address of a store. file: of SQLite; server: a PostgreSQL database as libpq takes it; neither: no ratings.

    is_named: IPRE_RATINGS_URL is set; a missing file is then an error and not a store that is not used yet.
    """

    file: Path | None = None
    server: str | None = None
    is_named: bool = True

    def __str__(self) -> str:
        """Return the address for messages, without a password."""
        return str(self.file or self.server or NO_STORE)


def address_of(data_kind: str, url: str | None = None) -> Address:
    """Return the address for data of this kind (own or demo). url: instead of IPRE_RATINGS_URL."""
    text = os.environ.get(VARIABLE) if url is None else url
    if text is None:
        return Address(file=DEFAULT_FILES[data_kind].resolve(), is_named=False)
    kind, _, rest = text.strip().partition(":")
    if kind.lower() == NO_STORE and not rest:
        return Address()
    if kind.lower() == "sqlite" and (path := re.sub("^//(/|$)", "", rest)):
        return Address(file=(PROJECT / path).resolve())
    if kind.lower() in POSTGRES and rest.startswith("//"):
        return Address(server=without_password(f"postgresql:{rest}"))
    raise AddressRefused(
        f"ipre ratings: {VARIABLE} is not a valid ratings store URL. Use sqlite:///folder/ratings.sqlite (four slashes "
        f"for an absolute path), postgresql://user@host/database, or {NO_STORE}."
    )


def without_password(address: str) -> str:
    """Return an address; refuse a password in it, because messages show the address."""
    try:
        parts = urlsplit(address)
        has_password = parts.password or "password" in parse_qs(parts.query)
    except ValueError as error:
        raise AddressRefused(f"ipre ratings: {VARIABLE} is not a valid database URL ({error}).") from error
    if has_password:
        raise AddressRefused(
            f"ipre ratings: {VARIABLE} contains a password. Remove it, and set PGPASSWORD or PGPASSFILE instead."
        )
    return address
