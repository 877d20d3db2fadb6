"""The events of the store: ratings, openings of lists and visit notes, and the values that each may have."""

import math
import re
import uuid
from dataclasses import Field, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from .errors import InvalidEvent

WITHDRAWN = "Withdrawn"
RATINGS = ("High", "Medium", "Low", WITHDRAWN)
REASON_CODES = ("buys_elsewhere", "no_need", "price", "out_of_stock", "wrong_fit")
CHANNELS = ("app", "worksheet", "import")
LONGEST_TEXT = 500
LONGEST_COMMENT = 4000
# A rating with a future time would outrank every rating until then.
MAX_AHEAD = timedelta(days=1)
# PostgreSQL cannot store these characters, and no file can contain half of a surrogate pair.
NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def new_id() -> str:
    """Return a new id. Make one for each click or cell: saved again under its id, an event stays one event."""
    return str(uuid.uuid4())


def utc_text(moment: datetime | None = None) -> str:
    """Return a moment, or now, as it is saved: UTC with microseconds and Z, so that texts sort like times."""
    moment = datetime.now(UTC) if moment is None else moment
    if moment.tzinfo is None:
        raise ValueError("the time has no time zone: use datetime.now(UTC)")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class RatingEvent:
    """One rating, or its withdrawal: `Withdrawn`.

    run_id, rank, score, source: of the list that showed the product; None if no list did.
    """

    customer_id: str
    product_id: str
    rating: str
    rated_by: str
    channel: str
    reason_code: str | None = None
    comment: str | None = None
    run_id: str | None = None
    rank: int | None = None
    score: float | None = None
    source: str | None = None
    rated_at: str = field(default_factory=utc_text)
    event_id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class ListOpening:
    """Somebody opened a customer's list of a run."""

    customer_id: str
    run_id: str
    opened_by: str
    opened_at: str = field(default_factory=utc_text)
    opening_id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class VisitNote:
    """A note about a visit to a customer."""

    customer_id: str
    note: str
    written_by: str
    written_at: str = field(default_factory=utc_text)
    note_id: str = field(default_factory=new_id)


Event = TypeVar("Event", RatingEvent, ListOpening, VisitNote)


def checked(event: Event) -> Event:
    """Return the event in its canonical spelling. Raises InvalidEvent with the column and what it may hold."""
    return replace(
        event, **{column.name: checked_value(column, getattr(event, column.name)) for column in fields(event)}
    )


def checked_value(column: Field, value: object) -> str | int | float | None:
    """Return the value of a column in its canonical spelling; of a text that may be missing, a blank one as nothing."""
    check = CHECKS.get(column.name, text)
    is_blank = isinstance(value, str) and not value.strip() and check not in (rank, number)
    if column.default is None and (value is None or is_blank):
        return None
    return check(column.name, value)


def text(name: str, value: object, longest: int = LONGEST_TEXT) -> str:
    """Return a text without blanks around it."""
    if not isinstance(value, str):
        raise InvalidEvent(name, f"must be a text, not {value!r}.")
    if not value.strip():
        raise InvalidEvent(name, "is missing.")
    if NO_TEXT.search(value):
        raise InvalidEvent(name, "contains a zero byte or half a character. Remove it.")
    if len(value.strip()) > longest:
        raise InvalidEvent(name, f"has {len(value.strip()):,} characters; at most {longest:,} are kept. Shorten it.")
    return value.strip()


def word(name: str, value: object, known: tuple[str, ...]) -> str:
    """Return one of the known words, which may come in any case and with blanks for underscores."""
    spelled = re.sub("[ _]+", "_", text(name, value)).casefold()
    found = next((one for one in known if one.casefold() == spelled), None)
    if found is None:
        raise InvalidEvent(name, f"must be {', '.join(known[:-1])} or {known[-1]}; got '{value}'.")
    return found


def rank(name: str, value: object) -> int:
    """Return a rank, 1 or more."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or not 1 <= int(value) < 2**31:
        raise InvalidEvent(name, f"must be a whole number, 1 or more; got {value!r}.")
    return int(value)


def number(name: str, value: object) -> float:
    """Return a score."""
    if isinstance(value, bool | str) or not hasattr(value, "__float__") or not math.isfinite(float(value)):
        raise InvalidEvent(name, f"must be a number; got {value!r}.")
    return float(value)


def moment(name: str, value: object) -> str:
    """Return a moment as it is saved. It comes as text of ISO 8601 or as datetime, with its zone."""
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(text(name, value))
        spelled = utc_text(when)
    except (ValueError, OverflowError) as error:
        if isinstance(error, InvalidEvent):
            raise
        raise InvalidEvent(
            name, f"must be a date and time with its zone, such as 2026-11-27T14:05:00Z; got '{value}'."
        ) from error
    if when > datetime.now(UTC) + MAX_AHEAD:
        raise InvalidEvent(name, f"is in the future ({spelled}). Check the clock of this machine.")
    return spelled


# Column -> its check, of those that are not just a text.
CHECKS = {
    "rating": partial(word, known=RATINGS),
    "channel": partial(word, known=CHANNELS),
    "reason_code": partial(word, known=REASON_CODES),
    "comment": partial(text, longest=LONGEST_COMMENT),
    "note": partial(text, longest=LONGEST_COMMENT),
    "rank": rank,
    "score": number,
    **dict.fromkeys(("rated_at", "opened_at", "written_at"), moment),
}
