"""`make import-worksheets`: take filled-in workbooks into the store of ratings.

Ends with 0 when everything was taken, with 1 when something was not (it is named, and the rest is saved), with 2 when
nothing could be done at all.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ipre.ratings.errors import ChangedEvent, RatingsError
from ipre.ratings.events import utc_text
from ipre.ratings.store import RatingStore
from ipre.serving import NothingPublished, PublishedRun, current

from .errors import WorkbookRefused, WorksheetsError
from .make_workbooks import FOLDER, stem_of
from .published import handed_in_by, managers_of_customers, spelled
from .reading import ReadWorkbook, read_workbook
from .rules import Importer, Taken, take

# Two who hand in one file at once: the second finds the events of the first.
ATTEMPTS = 3


def main() -> None:
    """Take the files in, and say what was taken and what was not."""
    parser = argparse.ArgumentParser(description="Take filled-in workbooks into the store of ratings.")
    parser.add_argument("--by", required=True, help="who hands them in: the name of the account manager")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to look for hers (default: worksheets/)")
    parser.add_argument("files", nargs="*", type=Path, help="files or folders (default: all of hers that were made)")
    options = parser.parse_args()
    if not options.by.strip():
        parser.error("say who hands them in: make import-worksheets BY='Paula Miller'")
    try:
        files = chosen_files(options.files) or own_files(options.folder, options.by)
        taken = import_files(files, options.by)
    except (NothingPublished, WorksheetsError, RatingsError) as error:
        print(f"ipre worksheets: {error}", file=sys.stderr)
        sys.exit(2)
    for refusal in taken.refusals:
        print(f"not taken: {refusal}")
    read, saved, before = count(len(files), "file"), count(len(taken.events), "rating"), taken.saved_before
    there = f"{before:,} {'was' if before == 1 else 'were'} there before"
    print(f"ipre worksheets: {read} read, {saved} saved, {there}, {len(taken.refusals):,} not taken.")
    sys.exit(1 if taken.refusals else 0)


def count(number: int, what: str) -> str:
    """Write how many of what."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def chosen_files(paths: list[Path]) -> list[Path]:
    """Return the files that were named, those of named folders among them."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise WorksheetsError(f"there is no file {path}.")
        found = sorted(path.rglob("*.xlsx")) if path.is_dir() else [path]
        # Excel keeps a note beside a file that is open.
        files += [file for file in found if not file.name.startswith((".", "~$"))]
    if paths and not files:
        raise WorksheetsError(f"there is no .xlsx file in {', '.join(map(str, paths))}.")
    return files


def own_files(folder: Path, name: str) -> list[Path]:
    """Return the workbooks of somebody's customers, of every run. Those of nobody's are named by hand."""
    lists = current()
    stems = [stem_of(manager) for manager in handed_in_by(lists, name) if manager is not None]
    files = [file for stem in stems for file in [*folder.glob(f"*/{stem}.xlsx"), *folder.glob(f"*/{stem}-part-*.xlsx")]]
    if not files:
        raise WorksheetsError(
            f"there is no worksheet of {name} in {folder}. Write the name as it stands in the lists, or name the files."
        )
    return sorted(files)


def import_files(files: list[Path], by: str, store_url: str | None = None) -> Taken:
    """Read files and save what can be taken. What it raises, it raises before anything was saved."""
    lists = current()
    importer = Importer(spelled(lists, by), managers_of_customers(lists), handed_in_by(lists, by), utc_text())
    refused: list[str] = []
    workbooks: list[ReadWorkbook] = []
    for file in files:
        try:
            workbook = read_workbook(file)
            check_belongs(file, workbook, lists.run, importer)
            workbooks.append(workbook)
        except WorkbookRefused as problem:
            refused.append(str(problem))
    with RatingStore.open(store_url, data_kind=lists.run.data_kind) as store:
        taken = save(workbooks, importer, store)
    taken.refusals = refused + taken.refusals
    return taken


def check_belongs(file: Path, workbook: ReadWorkbook, run: PublishedRun, importer: Importer) -> None:
    """Refuse a workbook of other data, or of somebody else."""
    kind, manager = workbook.facts["data_kind"], workbook.facts["account_manager"]
    if kind != run.data_kind:
        words = {"demo": "the demo", "own": "your own data"}
        raise WorkbookRefused(
            f"{file.name}: was made from {words.get(kind, kind)}, and readers see {words[run.data_kind]}. Set "
            "IPRE_PUBLISH_DIR to the lists that it was made from."
        )
    if manager and manager not in importer.sees:
        raise WorkbookRefused(f"{file.name}: is {manager}'s worksheet, so {importer.name} cannot hand it in.")


def save(workbooks: list[ReadWorkbook], importer: Importer, store: RatingStore) -> Taken:
    """Save what can be taken, all in one transaction."""
    for attempt in range(1, ATTEMPTS + 1):
        taken = take(workbooks, importer, store)
        try:
            store.save_all(taken.events)
            return taken
        except ChangedEvent:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


if __name__ == "__main__":
    main()
