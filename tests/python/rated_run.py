"""A tiny distributor, built while eight people rate: what was said by hand, and what the eight add meanwhile."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builds import Build, dbt
from input_files import CUSTOMERS, FEEDBACK, write_files

from ipre.ratings.events import RatingEvent, utc_text

WRITER = Path(__file__).with_name("rating_writer.py")
DATA = {
    "customers": [*CUSTOMERS, *([f"00{number}", f"Customer {number}", "North", "Painting"] for number in (7, 8, 9))],
    "feedback": [*FEEDBACK, ["009", "P5", "Medium", "2024-02-01", ""]],
}
SECRET = "says she will go to prison in May"


def rated(customer: str, product: str, rating: str, days_ago: int = 0, **values) -> RatingEvent:
    """An event of so many days ago; without a number of today."""
    moment = utc_text(datetime.now(UTC) - timedelta(days=days_ago, hours=1))
    event_id = f"by hand {customer} {product} {rating} {days_ago}"  # The same in every process.
    return RatingEvent(
        customer, product, rating, rated_by="Ada", channel="app", rated_at=moment, event_id=event_id, **values
    )


BY_HAND = [
    rated("007", "P5", "High", 3, comment=SECRET),
    rated("007", "P5", "Withdrawn", 2),
    rated(
        "007", "P6", "Low", 89, reason_code="price", comment=SECRET, run_id="R1", rank=2, score=0.25, source="learned"
    ),
    rated("008", "P5", "High", 300),
    rated("008", "P5", "Low", 200, reason_code="out_of_stock"),
    rated("008", "P6", "Low", 200, reason_code="price"),
    rated("009", "P5", "Low", 1),
    rated("gone", "P5", "Low", 1, comment=SECRET),
    rated("007", "P999", "Low", 1),
]


def store_of(folder: Path) -> str:
    """The address of the store of the build in this folder."""
    return f"sqlite:///{folder}/ratings/ratings.sqlite"


def acknowledged(folder: Path) -> set[str]:
    """The ids that the eight were told are saved."""
    return {line.split()[1] for line in (folder / "told").read_text().splitlines()}


def build_while_eight_write(folder: Path) -> Build:
    """Save what was said by hand, let eight write, build, and stop them."""
    from ipre.ratings.store import RatingStore

    url, stop, told = store_of(folder), folder / "stop", folder / "told"
    with RatingStore.open(url, data_kind="own") as store:
        store.save_all(BY_HAND)
    with told.open("w") as output:
        writers = subprocess.Popen([sys.executable, WRITER, url, "8", "1", stop], stdout=output, text=True)
    data = write_files(folder / "data", **DATA)
    while len({line.split("-")[0] for line in told.read_text().splitlines()}) < 8:
        assert writers.poll() is None
        time.sleep(0.1)
    build = dbt(folder, "build", data_dir=data, IPRE_RATINGS_URL=url)
    assert writers.poll() is None
    stop.touch()
    assert writers.wait(timeout=60) == 0
    return build
