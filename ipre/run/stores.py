"""Object stores and web servers, through fsspec: what both the door for input and the published set need of them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from .warehouse import Refused, first_line

# What stands before `://` has two letters at least: C:// is a drive.
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
WEB = ("http", "https")


def is_address(place: str) -> bool:
    """Return whether this names an object store, and not a folder of this machine."""
    return ADDRESS.match(place) is not None


def check_address(address: str, setting: str) -> None:
    """Refuse an address that holds a secret, without repeating it. setting: where it was given, in words."""
    parts = urlsplit(address)
    if parts.password or parts.query or (parts.username and parts.scheme.lower() in WEB):
        raise Refused(
            f"ipre: the address {parts.scheme}://... in {setting} holds a user, a password or a query (?). Leave it "
            "out, because addresses are shown in messages: credentials belong in the store's own environment variables "
            "(AWS_ACCESS_KEY_ID and so on)."
        )


def connected(address: str) -> tuple[Any, str]:
    """Return the store and the folder in it. fsspec is imported here, because most runs do without.

    Raises Refused when a package is missing, and else what the store's own library raises.
    """
    try:
        import fsspec

        store, root = fsspec.url_to_fs(address)
    except ImportError as error:
        raise Refused(
            f"ipre: {address} cannot be used without a package that is not installed ({what_happened(error)}). "
            "Install requirements/remote.txt; for another store than S3 also the package that is named here."
        ) from error
    store.invalidate_cache()
    return store, root


def is_web(store: Any) -> bool:
    """Return whether it is a web server, which lists no files."""
    return "https" in store.protocol


def what_happened(error: Exception) -> str:
    """Reduce an error to one line."""
    if isinstance(error, FileNotFoundError):
        return "there is no such folder, or no file in it"
    return without_queries(getattr(error, "strerror", None) or first_line(error)).rstrip(".")


def without_queries(text: str) -> str:
    """Cut what follows a `?`: a server may have sent us to an address that is signed."""
    return re.sub(r"\?[^\s'\")]+", "", text)
