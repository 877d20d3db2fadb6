"""What becomes of a row that somebody filled in: a rating event, nothing because it was saved before, or a refusal."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ipre.ratings.errors import InvalidEvent
from ipre.ratings.events import RatingEvent, checked_event
from ipre.ratings.store import RatingStore

from .layout import COMMENT, IDENTITY, KEY, RATING, REASON, digest, one_line, row_key
from .reading import Filled, ReadWorkbook

CHANNEL = "worksheet"
Pair = tuple[str, str, str]


@dataclass(frozen=True)
class Importer:
    """Who takes worksheets in, and when, as ratings are saved.

    managers: customer -> account manager, as published. sees: the account managers whose customers they rate; None
    among them: those without one.
    """

    name: str
    managers: dict[str, str | None]
    sees: set[str | None]
    now: str


@dataclass
class Taken:
    """What an import comes to. refusals: file, row, and why, in words."""

    events: list[RatingEvent] = field(default_factory=list)
    saved_before: int = 0
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """A rating as a row gives it, with the workbook it stands in."""

    place: str
    workbook: str
    exported_at: str
    event: RatingEvent

    @property
    def pair(self) -> Pair:
        """What must be rated once only."""
        return self.workbook, self.event.customer_id, self.event.product_id


class RowRefused(Exception):
    """Why a row cannot be taken, in words."""


def take(workbooks: Iterable[ReadWorkbook], importer: Importer, store: RatingStore) -> Taken:
    """Decide on every row that is filled in. Nothing is saved yet."""
    taken, entries = Taken(), defaultdict(list)
    for workbook in workbooks:
        for row in workbook.filled:
            try:
                entry = entry_of(row, workbook, importer)
                entries[entry.pair].append(entry)
            except RowRefused as refused:
                taken.refusals.append(f"{row.place}: {refused}")
    for copies in entries.values():
        try:
            event = new_event(only_one(copies), store)
            taken.events += [event] if event else []
            taken.saved_before += event is None
        except RowRefused as refused:
            taken.refusals += [f"{entry.place}: {refused}" for entry in copies]
    return taken


def entry_of(row: Filled, workbook: ReadWorkbook, importer: Importer) -> Entry:
    """Read a row. Raises RowRefused."""
    if row.problem:
        raise RowRefused(row.problem)
    key, facts = row.values[KEY.name], workbook.facts
    shown = workbook.shown.get(key)
    if not key:
        raise RowRefused("has no row key, so it is no row of this worksheet. Rate the product in the app.")
    if shown is None or row_key(facts["workbook"], shown["customer_id"], shown["product_id"]) != key:
        raise RowRefused("has a row key that is not of this worksheet. Fill in the row as it was made.")
    changed = [c.heading for c in IDENTITY if one_line(row.values[c.name]) != one_line(shown[c.name])]
    if changed:
        raise RowRefused(
            f"{', '.join(changed)} and the row key do not belong together: something was changed, or a column was "
            "sorted alone. Undo it, or rate the product in the app."
        )
    check_customer(shown["customer_id"], importer)
    if not row.values[RATING.name]:
        given = REASON.heading if row.values[REASON.name] else COMMENT.heading
        raise RowRefused(f"has a {given.lower()} and no rating. Choose one of High, Medium, Low, Withdrawn.")
    try:
        event = checked_event(
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
                rank=shown["rank"],
                score=shown["score"],
                source=shown["source"],
            )
        )
    except InvalidEvent as invalid:
        raise RowRefused(in_words(invalid)) from invalid
    return Entry(row.place, facts["workbook"], facts["exported_at"], event)


def check_customer(customer_id: str, importer: Importer) -> None:
    """Refuse ratings of customers who are somebody else's."""
    if customer_id not in importer.managers:
        raise RowRefused(f"customer {customer_id} is not in the published lists any more.")
    manager = importer.managers[customer_id]
    if manager not in importer.sees:
        whose = f"is {manager}'s" if manager else "has no account manager"
        raise RowRefused(f"customer {customer_id} {whose}, so {importer.name} cannot hand in its ratings.")


def in_words(invalid: InvalidEvent) -> str:
    """Say which cell is wrong, by its heading."""
    headings = {column.name: column.heading for column in (RATING, REASON, COMMENT)}
    text = str(invalid).removeprefix(invalid.field).strip().replace("_", " ")
    return f"{headings.get(invalid.field, invalid.field)} {text}"


def only_one(copies: list[Entry]) -> Entry:
    """Return the entry of a pair that stands in several rows or files, when all say the same."""
    first, *others = copies
    if any(contents(entry.event) != contents(first.event) for entry in others):
        places = "; ".join(entry.place for entry in copies)
        raise RowRefused(f"the same row stands several times and says different things ({places}). Keep one of them.")
    return first


def new_event(entry: Entry, store: RatingStore) -> RatingEvent | None:
    """Return the event to save; None: this worksheet said so when it was handed in last.

    The id is made from what the row says and from the event before it of the same row. So a row handed in again is the
    same event, a changed one is a new event, and one that was changed back is new once more.
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
            f"was rated {newer.rating} {where} by {newer.rated_by} on {newer.rated_at[:16].replace('T', ' ')} UTC, "
            "after this worksheet was made. That rating stays; change it there."
        )
    return replace(entry.event, event_id=next_id(entry, entry.event, own))


def next_id(entry: Entry, event: RatingEvent, before: list[RatingEvent]) -> str:
    """Return the id that an event of this row has when it follows those before it."""
    previous = before[-1].event_id if before else ""
    return f"worksheet-{digest(*entry.pair, previous, json.dumps(contents(event)))}"


def contents(event: RatingEvent) -> tuple[str | None, ...]:
    """Return what somebody said about a pair."""
    return event.rating, event.reason_code, event.comment
