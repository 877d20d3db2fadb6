"""Writers of ratings in processes of their own: python rating_writer.py URL WRITERS EVENTS STOP_FILE.

Each opens the store, saves EVENTS events and goes on until STOP_FILE is there. Whatever the store has acknowledged it
writes to standard output, one line each: its process and the event's id. Events of one writer are numbered without
gaps; after every fifth, the first included, it notes an opening under the same id.
"""

import os
import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ipre.ratings.events import ListOpening, RatingEvent
from ipre.ratings.store import RatingStore


def write(url: str, writer: int, events: int, stop: Path) -> None:
    """Be one writer."""
    with RatingStore.open(url, data_kind="own") as store:
        for number in count():
            if number >= events and stop.exists():
                return
            event = RatingEvent(
                event_id=f"{writer}-{number}",
                customer_id=f"00{1 + writer % 6}",
                product_id=f"P{1 + number % 8}",
                rating=("High", "Medium", "Low")[number % 3],
                rated_by=f"Writer {writer}",
                channel="app",
            )
            assert store.save(event)
            # A line this short is written whole or not at all, whoever else writes.
            os.write(sys.stdout.fileno(), f"{os.getpid()} {event.event_id}\n".encode())
            if number % 5:
                continue
            opening = ListOpening(event.customer_id, "a run", event.rated_by, opening_id=event.event_id)
            assert store.note_opening(opening)


def main(url: str, writers: str, events: str, stop: str) -> None:
    """Fork the writers, and wait for them."""
    for writer in range(int(writers)):
        if os.fork() == 0:
            write(url, writer, int(events), Path(stop))
            os._exit(0)
    for _ in range(int(writers)):
        os.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
