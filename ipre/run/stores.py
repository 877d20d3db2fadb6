"""Object stores and web servers, through fsspec: what both reading the input and publishing need of them."""

import re
from typing import Any
from urllib.parse import urlsplit

from .warehouse import Refused, first_line

# At least two letters before `://`: C:// is a drive.
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
WEB = ("http", "https")


def is_address(text: str) -> bool:
    """Whether this names an object store, and not a folder of this machine."""
    return ADDRESS.match(text) is not None


def check_address(address: str, setting: str) -> None:
    """Refuse an address that contains a secret, without repeating it. setting: where it was given, in words."""
    parts = urlsplit(address)
    if parts.password or parts.query or (parts.username and parts.scheme.lower() in WEB):
        raise Refused(
            f"ipre: the address {parts.scheme}://... in {setting} contains a user, a password or a query (?) "
            "(it would appear in logs). Remove it, and set the store's own environment variables instead "
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
            f"ipre: {address} needs a package that is not installed ({what_happened(error)}). Install "
            "requirements/remote.txt and, for a store other than S3, the package named here."
        ) from error
    store.invalidate_cache()
    return store, root


def is_web(store: Any) -> bool:
    """Whether it is a web server, which does not list files."""
    return "https" in store.protocol


def what_happened(error: Exception) -> str:
    """Reduce an error to one line."""
    if isinstance(error, FileNotFoundError):
        return "the folder does not exist or is empty"
    # Without what follows a `?`: a server may have redirected to a signed address.
    return re.sub(r"\?[^\s'\")]+", "", getattr(error, "strerror", None) or first_line(error)).rstrip(".")
