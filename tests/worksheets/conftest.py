"""A demo build, three account managers cut out of it, and what people do to workbooks.

Runs in the app's environment (`make test-app`), which has no dbt: the build is made by the one beside it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ipre.ratings.events import RatingEvent
from ipre.ratings.store import RatingStore
from ipre.worksheets.import_ratings import import_files
from ipre.worksheets.make_workbooks import stem_of, write_workbooks
from ipre.worksheets.rules import Taken

PROJECT = Path(__file__).resolve().parents[2]
PAULA, ALAN = "Paula Miller", "Robert Reed"
# What a spreadsheet would run or shorten, and what looks like an escape of its file format.
AWKWARD = {
    "customer_name": ["=1+1", "+49 30 1234", "@Home", "https://example.org/", "00123", "Zoë & Søn <GmbH>", "A_x0041_B"],
    "product_name": ['=HYPERLINK("https://example.org/")', "-5 °C Valve", "1e3", "Two  blanks", "Line\nbreak"],
}


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The folder that a build of the demo published."""
    folder = tmp_path_factory.mktemp("demo")
    beside = Path(sys.executable).with_name("dbt")
    command = [beside if beside.exists() else PROJECT / ".venv" / "bin" / "dbt", "build", "--quiet"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IPRE_")} | {
        "IPRE_WAREHOUSE": str(folder / "ipre.duckdb"),
        "IPRE_PUBLISH_DIR": str(folder / "published"),
        "IPRE_RATINGS_URL": "none",
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(list(map(str, command)), cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "published"


@pytest.fixture(scope="session")
def small(demo, tmp_path_factory) -> Path:
    """A folder with the lists of two account managers and of customers without one, six customers each."""
    folder = tmp_path_factory.mktemp("small") / "published"
    (folder / "current").mkdir(parents=True)
    file = folder / "current" / "ipre_serving.duckdb"
    shutil.copyfile(demo / "current" / "ipre_serving.duckdb", file)
    with duckdb.connect(str(file)) as lists:
        lists.execute("""
            create table kept as
            select
                customer_id,
                nullif(account_manager, 'Grace Park') as account_manager,
                row_number() over (partition by account_manager order by customer_id) as place
            from account_brief where account_manager in ('Paula Miller', 'Robert Reed', 'Grace Park')
        """)
        for table in ("final_recommendations", "account_brief", "reorders_due", "lost_products"):
            lists.execute(
                f"delete from {table} where customer_id not in (select customer_id from kept where place <= 6)"
            )
            lists.execute(f"update {table} set account_manager = null where account_manager = 'Grace Park'")
        for column, texts in AWKWARD.items():
            for number, text in enumerate(texts):
                key = column.replace("_name", "_id").replace("product_id", "recommended_product")
                lists.execute(
                    f"update final_recommendations set {column} = ? where {key} = (select {key} from "
                    f"final_recommendations where account_manager = '{PAULA}' group by 1 order by 1 offset ? limit 1)",
                    [text, number],
                )
    return folder


@dataclass
class Desk:
    """An account manager's desk: the folder of workbooks, and a store of ratings."""

    folder: Path
    store_url: str

    def workbook(self, account_manager: str | None = PAULA) -> Path:
        """Write the workbooks where there are none, and give the one of an account manager."""
        found = list(self.folder.glob(f"*/{stem_of(account_manager)}.xlsx"))
        if not found:
            write_workbooks(self.folder)
            found = list(self.folder.glob(f"*/{stem_of(account_manager)}.xlsx"))
        [file] = found
        return file

    def hand_in(self, *files: Path, by: str = PAULA) -> Taken:
        """Import files."""
        return import_files(list(files), by, self.store_url)

    @property
    def store(self) -> RatingStore:
        """The store, open."""
        return RatingStore.open(self.store_url, data_kind="demo")

    def saved(self) -> dict[tuple[str, str], RatingEvent]:
        """The newest event of every pair."""
        with self.store as store:
            return store.newest_of_all()

    def count(self) -> int:
        """How many events there are."""
        with self.store as store, store.engine.connect() as connection:
            return connection.exec_driver_sql("select count(*) from rating_events").scalar()


@pytest.fixture
def desk(small, tmp_path, monkeypatch) -> Desk:
    """A desk with the small lists, and nothing rated yet."""
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(small))
    return Desk(tmp_path / "worksheets", f"sqlite:///{tmp_path}/ratings/ratings.sqlite")


class Edited:
    """A workbook in somebody's hands: `with Edited(file) as sheet: sheet.rate(2, "High")`."""

    def __init__(self, file: Path, sheet: str = "Ratings") -> None:
        self.file = file
        self.book = openpyxl.load_workbook(file)
        self.sheet: Worksheet = self.book[sheet]

    def __enter__(self) -> Edited:
        return self

    def __exit__(self, kind: Any, *rest: object) -> None:
        if kind is None:
            self.book.save(self.file)

    @property
    def headings(self) -> dict[str, int]:
        """Heading -> number of its column."""
        return {cell.value: cell.column for cell in self.sheet[1] if cell.value}

    def cell(self, row: int, heading: str):
        return self.sheet.cell(row, self.headings[heading])

    def rate(self, row: int, rating: Any, reason: Any = None, comment: Any = None) -> tuple[str, str]:
        """Fill in a row, and give its pair."""
        for heading, value in (("Your rating", rating), ("Reason", reason), ("Comment", comment)):
            self.cell(row, heading).value = value
        return self.pair(row)

    def pair(self, row: int) -> tuple[str, str]:
        return self.cell(row, "Customer id").value, self.cell(row, "Product id").value

    def pairs(self) -> list[tuple[str, str]]:
        return [self.pair(row) for row in range(2, self.sheet.max_row + 1)]

    def reorder(self, order: list[int], headings: list[str] | None = None) -> None:
        """Give the rows another order; of some columns only, if any are named."""
        columns = [self.headings[heading] for heading in headings or self.headings]
        for column in columns:
            values = [self.sheet.cell(row, column).value for row in range(2, self.sheet.max_row + 1)]
            for row, place in enumerate(order, 2):
                self.put(row, column, values[place])

    def put(self, row: int, column: int, value: Any) -> None:
        """Put a value into a cell; a text that looks like a formula stays a text, as when cells are moved."""
        cell = self.sheet.cell(row, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
