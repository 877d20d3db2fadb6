"""A desk with worksheets on it, and what people do to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from ipre.ratings.events import RatingEvent
from ipre.ratings.store import RatingStore
from ipre.worksheets.import_ratings import import_files
from ipre.worksheets.make_workbooks import stem_of, write_workbooks
from ipre.worksheets.rules import Taken

PAULA = "Paula Miller"


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

    def rate(self, row: int, *entry: Any, file: Path | None = None) -> tuple[str, str]:
        """Fill in a row of a workbook, and give its pair."""
        with Edited(file or self.workbook()) as sheet:
            return sheet.rate(row, *entry)

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
        """Return the rows another order; of some columns only, if any are named."""
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
