"""Errors about ratings; every message is one line that says what to do."""


class RatingsError(Exception):
    """An error about ratings, in one line."""


class AddressRefused(RatingsError):
    """IPRE_RATINGS_URL is not an address where ratings can be kept."""


class StoreUnavailable(RatingsError):
    """The store cannot be opened, read or written. Nothing was saved; the same event may be saved again."""


class InvalidEvent(RatingsError, ValueError):
    """A value that no event may have. field: its column."""

    def __init__(self, field: str, why: str) -> None:
        """why: what is wrong, in words."""
        super().__init__(f"{field} {why}")
        self.field = field


class ChangedEvent(RatingsError):
    """An id that an earlier, different event has: events are never changed."""
