"""The decision on a filled-in row: a rating event, nothing because it was saved before, or a refusal."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ipre.ratings.errors import InvalidEvent
from ipre.ratings.events import RatingEvent, checked
from ipre.ratings.store import RatingStore

from .layout import COMMENT, IDENTITY, KEY, RATING, REASON, digest, one_line
from .reading import Filled, ReadWorkbook

CHANNEL = "worksheet"
Pair = tuple[str, str, str]


@dataclass(frozen=True)
class Importer:
    """Who returns worksheets, and when.

    managers: customer -> account manager, as published. sees: the account managers whose customers they rate; None
    stands for customers without one.
    """

    name: str
    managers: dict[str, str | None]
    sees: set[str | None]
    now: str


@dataclass
class Taken:
    """The result of an import. refusals: file, row and reason, in words."""

    events: list[RatingEvent] = field(default_factory=list)
    saved_before: int = 0
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """The rating of a row, with its workbook. where: file and row, for messages; pair: what can be rated only once."""

    where: str
    pair: Pair
    exported_at: str
    event: RatingEvent


class RowRefused(Exception):
    """Why a row cannot be imported, in words."""


def take(workbooks: Iterable[ReadWorkbook], importer: Importer, store: RatingStore) -> Taken:
    """Decide on every filled-in row, without saving anything."""
    taken, entries = Taken(), defaultdict(list)
    for workbook in workbooks:
        for row in workbook.filled:
            try:
                entry = entry_of(row, workbook, importer)
                entries[entry.pair].append(entry)
            except RowRefused as refused:
                taken.refusals.append(f"{row.where}: {refused}")
    for copies in entries.values():
        try:
            event = new_event(only_one(copies), store)
            taken.events += [event] if event else []
            taken.saved_before += event is None
        except RowRefused as refused:
            taken.refusals += [f"{entry.where}: {refused}" for entry in copies]
    return taken


def entry_of(row: Filled, workbook: ReadWorkbook, importer: Importer) -> Entry:
    """Read a row. Raises RowRefused."""
    if row.problem:
        raise RowRefused(row.problem)
    key, facts = row.values[KEY.name], workbook.facts
    shown = workbook.shown.get(key)
    if not key:
        raise RowRefused("the row has no row key, so it was added later. Rate the product in the app.")
    if shown is None or digest(facts["workbook"], shown["customer_id"], shown["product_id"]) != key:
        raise RowRefused("the row key is not from this worksheet. Fill in the original row.")
    changed = [c.heading for c in IDENTITY if one_line(row.values[c.name]) != one_line(shown[c.name])]
    if changed:
        raise RowRefused(
            f"{', '.join(changed)} does not match the row key: a cell was changed, or a column was sorted by itself. "
            "Undo that, or rate the product in the app."
        )
    check_customer(shown["customer_id"], importer)
    if not row.values[RATING.name]:
        given = REASON.heading if row.values[REASON.name] else COMMENT.heading
        raise RowRefused(f"the row has a {given.lower()} but no rating. Choose High, Medium, Low or Withdrawn.")
    try:
        event = checked(
            RatingEvent(
                customer_id=shown["customer_id"],
                product_id=shown["product_id"],
                rating=row.values[RATING.name],
                reason_code=row.values[REASON.name],
                comment=row.values[COMMENT.name],
                rated_by=importer.name,
                rated_at=importer.now,
                channel=CHANNEL,
                run_id=facts["run_id"],
                **{name: shown[name] for name in ("rank", "score", "source")},
            )
        )
    except InvalidEvent as invalid:
        raise RowRefused(in_words(invalid)) from invalid
    return Entry(row.where, (facts["workbook"], event.customer_id, event.product_id), facts["exported_at"], event)


def check_customer(customer_id: str, importer: Importer) -> None:
    """Refuse ratings of another account manager's customers."""
    if customer_id not in importer.managers:
        raise RowRefused(f"customer {customer_id} is no longer in the published lists. Delete the row.")
    manager = importer.managers[customer_id]
    if manager not in importer.sees:
        whose = f"is {manager}'s customer" if manager else "has no account manager"
        raise RowRefused(f"{customer_id} {whose}, so {importer.name} cannot rate its products. Delete the row.")


def in_words(invalid: InvalidEvent) -> str:
    """Return the message with the heading of the wrong cell."""
    headings = {column.name: column.heading for column in (RATING, REASON, COMMENT)}
    text = str(invalid).removeprefix(invalid.field).strip().replace("_", " ")
    return f"{headings.get(invalid.field, invalid.field)} {text}"


def only_one(copies: list[Entry]) -> Entry:
    """Return the entry of a pair that is in several rows or files, if all say the same."""
    first, *others = copies
    if any(contents(entry.event) != contents(first.event) for entry in others):
        rows = "; ".join(entry.where for entry in copies)
        raise RowRefused(f"copies of one row have different ratings ({rows}). Keep one of them.")
    return first


def new_event(entry: Entry, store: RatingStore) -> RatingEvent | None:
    """Return the event to save; None if this worksheet had the same rating when it was last returned.

    The id is made from the row's content and from the event before it of the same row. So a row returned again is the
    same event, a changed row is a new event, and a row changed back is another new event.
    """
    history = store.history(entry.event.customer_id, entry.event.product_id)
    own: list[RatingEvent] = []
    while following := next((event for event in history if event.event_id == next_id(entry, event, own)), None):
        own.append(following)
    if own and contents(own[-1]) == contents(entry.event):
        return None
    ids = {event.event_id for event in own}
    newer = next((e for e in history if e.event_id not in ids and e.rated_at > entry.exported_at), None)
    if newer:
        where = {"app": "in the app", CHANNEL: "in another worksheet"}.get(newer.channel, "elsewhere")
        raise RowRefused(
            f"{newer.rated_by} rated it {newer.rating} {where} on {newer.rated_at[:16].replace('T', ' ')} UTC, after "
            "this worksheet was made. That rating stays; change it there."
        )
    return replace(entry.event, event_id=next_id(entry, entry.event, own))


def next_id(entry: Entry, event: RatingEvent, before: list[RatingEvent]) -> str:
    """Return the id of an event of this row that follows those before it."""
    previous = before[-1].event_id if before else ""
    return f"worksheet-{digest(*entry.pair, previous, json.dumps(contents(event)))}"


def contents(event: RatingEvent) -> tuple[str | None, ...]:
    """Return the content of a rating."""
    return event.rating, event.reason_code, event.comment
