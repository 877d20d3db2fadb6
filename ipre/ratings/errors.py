"""What can go wrong with ratings; every text is one line that says what to do."""

from __future__ import annotations


class RatingsError(Exception):
    """Something about ratings, told in one line."""


class AddressRefused(RatingsError):
    """IPRE_RATINGS_URL names a place where ratings cannot live."""


class StoreUnavailable(RatingsError):
    """The store cannot be opened, read or written. Nothing was saved; the same event may be saved again."""


class InvalidEvent(RatingsError, ValueError):
    """A value that no event may have. field: the column that holds it."""

    def __init__(self, field: str, why: str) -> None:
        """why: what is wrong, in words."""
        super().__init__(f"{field} {why}")
        self.field = field


class ChangedEvent(RatingsError):
    """An id under which something else was saved before: events are never changed."""
