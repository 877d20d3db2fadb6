"""The ratings store for everything that writes: the app, the worksheets, importers.

    from ipre.ratings.events import RatingEvent
    from ipre.ratings.store import RatingStore

    with RatingStore.open(data_kind="own") as store:
        event = RatingEvent("C1", "P1", "High", rated_by="Ada", channel="app")
        store.save(event)  # True; once more: False, and it stays one event.

Nothing is ever updated or deleted. When `save` returns, the event survives any crash.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Self

from sqlalchemy import Column, Connection, Engine, Table, insert, select
from sqlalchemy.exc import IntegrityError

from .address import VARIABLE, Address, address_of
from .engine import connected, told
from .errors import ChangedEvent, StoreUnavailable
from .events import Event, ListOpening, RatingEvent, VisitNote, checked
from .tables import LIST_OPENINGS, RATING_EVENTS, VISIT_NOTES

# Ids in one query.
BATCH = 500
ATTEMPTS = 5


class RatingStore(contextlib.AbstractContextManager):
    """An open store, closed at the end of a `with`. Threads may share it; a process that forks opens its own."""

    def __init__(self, engine: Engine, address: Address) -> None:
        """Take an engine of `connected`; use `open`."""
        self.engine = engine
        self.address = address

    @classmethod
    def open(cls, url: str | None = None, *, data_kind: str) -> Self:
        """Open the store for these data, and make it if there is none.

        url: instead of IPRE_RATINGS_URL. data_kind: own or demo, as in the published table as_of; without an address
        each has its own file. Raises AddressRefused or StoreUnavailable.
        """
        address = address_of(data_kind, url)
        if not (address.file or address.server):
            raise StoreUnavailable(f"ipre ratings: {VARIABLE} is none, so nothing can be rated. Set it to a store.")
        return cls(connected(address), address)

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def save(self, event: RatingEvent) -> bool:
        """Save one event; see save_all. True: it is new, False: it was there already."""
        return self.save_all([event]) == 1

    def save_all(self, events: Iterable[RatingEvent]) -> int:
        """Save all events in one transaction, or none. Returns the number of new ones; others were there already.

        Raises InvalidEvent for a value that no event may have, ChangedEvent where another event has the id.
        """
        return self.add(RATING_EVENTS, events)

    def note_opening(self, opening: ListOpening) -> bool:
        """Record that a list was opened. True: it is new, False: it was there already. Raises what save_all raises."""
        return self.add(LIST_OPENINGS, [opening]) == 1

    def save_note(self, note: VisitNote) -> bool:
        """Save a visit note. True: it is new, False: it was there already. Raises what save_all raises."""
        return self.add(VISIT_NOTES, [note]) == 1

    def notes_of_customer(self, customer_id: str) -> list[VisitNote]:
        """Return a customer's visit notes, the newest first."""
        return self.saved(VisitNote, VISIT_NOTES.c.written_at, customer_id=customer_id)

    def newest(self, customer_id: str, product_id: str) -> RatingEvent | None:
        """Return the newest event of a pair, `Withdrawn` included; None: nobody has rated it."""
        return next(iter(self.history(customer_id, product_id)), None)

    def history(self, customer_id: str, product_id: str) -> list[RatingEvent]:
        """Return every event of a pair, newest first."""
        return self.events(customer_id=customer_id, product_id=product_id)

    def newest_of_customer(self, customer_id: str) -> dict[str, RatingEvent]:
        """Return the newest event of each of a customer's rated products: product_id -> event."""
        return {event.product_id: event for event in reversed(self.events(customer_id=customer_id))}

    def newest_of_all(self) -> dict[tuple[str, str], RatingEvent]:
        """Return the newest event of every rated pair: (customer_id, product_id) -> event."""
        return {(event.customer_id, event.product_id): event for event in reversed(self.events())}

    def events(self, **of: str) -> list[RatingEvent]:
        """Return the ratings whose columns have these values; without values, all. The newest comes first."""
        return self.saved(RatingEvent, RATING_EVENTS.c.rated_at, **of)

    def saved(self, kind: type[Event], time: Column, **of: str) -> list[Event]:
        """Return the events of a kind, the newest first; of two with the same time, the one with the larger id."""
        [key] = time.table.primary_key
        query = select(time.table).filter_by(**of).order_by(time.desc(), key.desc())
        with told(self.address), self.engine.begin() as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]

    def add(self, table: Table, events: Iterable[Event]) -> int:
        """Add the events that are not there yet; return their number."""
        rows = [asdict(checked(event)) for event in events]
        with told(self.address):
            for attempt in range(1, ATTEMPTS + 1):
                # On PostgreSQL somebody else may have saved one of them in between: then look again.
                with contextlib.suppress(IntegrityError) if attempt < ATTEMPTS else contextlib.nullcontext():
                    with self.engine.execution_options(writes=True).begin() as connection:
                        new = unknown_rows(connection, table, rows)
                        if new:
                            connection.execute(insert(table), new)
                    return len(new)
        raise AssertionError("the last attempt returns or raises")


def unknown_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows whose ids are not in the table yet, each once. The same id with other values is an error."""
    [key] = table.primary_key.columns.keys()
    known, new = {}, []
    for start in range(0, len(rows), BATCH):
        ids = [row[key] for row in rows[start : start + BATCH]]
        known |= {row[key]: row for row in connection.execute(select(table).where(table.c[key].in_(ids))).mappings()}
    for row in rows:
        before = known.setdefault(row[key], row)
        if before is row:
            new.append(row)
        elif differing := [name for name in row if row[name] != before[name]]:
            raise ChangedEvent(
                f"ipre ratings: {key} {row[key]} was saved before with a different {', '.join(differing)}. Saved "
                "events never change: give the new event its own id."
            )
    return new
