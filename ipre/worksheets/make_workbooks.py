"""`make worksheets`: one workbook per account manager, in a folder for every published run.

With a product: the customers to call about it, one workbook per account manager, with nothing to fill in.
"""

import argparse
import hashlib
import itertools
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ipre.ratings.events import utc_text
from ipre.serving import PROJECT, NothingPublished, Published, Rows, current

from .errors import WorksheetsError
from .layout import ROWS_OF_A_WORKBOOK, SHEETS_OF_THE_DAY
from .published import of_the_day, recommendations, targets
from .workbook import Worklist, targets_bytes, workbook_bytes

FOLDER = PROJECT / "worksheets"


def main() -> None:
    """Write the missing workbooks and print how many."""
    parser = argparse.ArgumentParser(description="Write one workbook per account manager.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write them (default: worksheets/)")
    parser.add_argument("--product", help="write the customers to call about the product with this id instead")
    options = parser.parse_args()
    try:
        if options.product:
            written, kept, folder = write_targets(options.folder, options.product.strip())
        else:
            written, kept, folder = write_workbooks(options.folder)
    except (NothingPublished, WorksheetsError, OSError) as error:
        sys.exit(f"ipre worksheets: {error}")
    print(f"ipre worksheets: {written} written to {folder}")
    if kept:
        print(f"{kept} already exist and are unchanged, because somebody may have filled them in.")


def write_workbooks(root: Path) -> tuple[int, int, Path]:
    """Write the workbooks of the published run. Returns how many were written, how many kept, and their folder."""
    lists = current()
    folder = folder_of(root, lists)
    exported_at, written, kept = utc_text(), 0, 0
    for worklist in worklists(lists):
        part = f"-part-{worklist.part}" if worklist.parts > 1 else ""
        path = folder / f"{stem_of(worklist.account_manager)}{part}.xlsx"
        # A workbook that somebody may have filled in is never replaced.
        if path.exists():
            kept += 1
        else:
            write_whole(path, workbook_bytes(worklist, lists.run, exported_at, margins=lists.shows_margins()))
            written += 1
    return written, kept, folder


def write_targets(root: Path, product_id: str) -> tuple[int, int, Path]:
    """Write the customers to call about a product, in a folder of its own; nobody fills these in, so always write them.

    Returns the same. Raises WorksheetsError if there is nobody to call.
    """
    lists = current()
    rows = by_manager(targets(lists, product_id))
    folder = folder_of(root, lists, f"product-{stem_of(product_id)}")
    for account_manager, mine in rows.items():
        content = targets_bytes(account_manager, mine, lists.run, margins=lists.shows_margins())
        write_whole(folder / f"{stem_of(account_manager)}.xlsx", content)
    return len(rows), 0, folder


def folder_of(root: Path, lists: Published, *below: str) -> Path:
    """Make the folder of a run, or one below it."""
    folder = root.joinpath(f"{lists.run.started_at:%Y-%m-%d-%H%M}-{lists.run.run_id[:8]}", *below)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def worklists(lists: Published) -> Iterator[Worklist]:
    """Return the content of each workbook; an account manager with very many customers gets several."""
    day = {table: by_manager(of_the_day(lists, table)) for table in SHEETS_OF_THE_DAY}
    for account_manager, rows in by_manager(recommendations(lists)).items():
        parts = list(split(rows, ROWS_OF_A_WORKBOOK))
        for number, part in enumerate(parts, 1):
            customers = {row["customer_id"] for row in part}
            shown = {
                table: [row for row in mine.get(account_manager, []) if row["customer_id"] in customers]
                for table, mine in day.items()
            }
            yield Worklist(account_manager, part, shown, number, len(parts))


def by_manager(rows: Rows) -> dict[str | None, Rows]:
    """Group rows that are in the order of account managers."""
    return {name: list(group) for name, group in itertools.groupby(rows, key=lambda row: row["account_manager"])}


def split(rows: Rows, most: int) -> Iterator[Rows]:
    """Cut rows into parts that hold whole customers."""
    part: Rows = []
    for _, group in itertools.groupby(rows, key=lambda row: row["customer_id"]):
        of_customer = list(group)
        if part and len(part) + len(of_customer) > most:
            yield part
            part = []
        part += of_customer
    if part:
        yield part


def stem_of(account_manager: str | None) -> str:
    """Return the part of a file's name for an account manager: readable, and different for everyone (Zoe, Zoë)."""
    latin = unicodedata.normalize("NFKD", account_manager or "without account manager")
    slug = re.sub("[^a-z0-9]+", "-", latin.encode("ascii", "ignore").decode().lower()).strip("-")[:40].strip("-")
    mark = hashlib.sha256((account_manager or "").encode()).hexdigest()[:8]
    return f"{slug}-{mark}" if slug else mark


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(content)
    aside.replace(path)


if __name__ == "__main__":
    main()
