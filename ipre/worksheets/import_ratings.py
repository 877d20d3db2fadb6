"""`make import-worksheets`: save the ratings of filled-in workbooks.

Exit status: 0 when every rating was saved, 1 when some were not (each is named, the others are saved), 2 when the
import could not start.
"""

import argparse
import sys
from pathlib import Path

from ipre.ratings.errors import ChangedEvent, RatingsError
from ipre.ratings.events import utc_text
from ipre.ratings.store import RatingStore
from ipre.serving import NothingPublished, PublishedRun, current

from .errors import WorkbookRefused, WorksheetsError
from .make_workbooks import FOLDER, stem_of
from .published import handed_in_by, spelled
from .reading import ReadWorkbook, read_workbook
from .rules import Importer, Taken, take

# When two people import one file at once, the second finds the events of the first.
ATTEMPTS = 3


def main() -> None:
    """Import the files and print what was saved and what was not."""
    parser = argparse.ArgumentParser(description="Save the ratings of filled-in workbooks.")
    parser.add_argument("--by", required=True, help="who returns them: the name of the account manager")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to look for them (default: worksheets/)")
    parser.add_argument("files", nargs="*", type=Path, help="files or folders (default: all of that account manager's)")
    options = parser.parse_args()
    if not options.by.strip():
        parser.error("BY is empty. Name the account manager: make import-worksheets BY='Paula Miller'")
    try:
        files = chosen_files(options.files) or own_files(options.folder, options.by)
        taken = import_files(files, options.by)
    except (NothingPublished, WorksheetsError, RatingsError) as error:
        print(f"ipre worksheets: {error}", file=sys.stderr)
        sys.exit(2)
    for refusal in taken.refusals:
        print(f"not saved: {refusal}")
    read, saved, before = count(len(files), "file"), count(len(taken.events), "rating"), taken.saved_before
    print(f"ipre worksheets: {read} read, {saved} saved, {before:,} saved before, {len(taken.refusals):,} not saved.")
    sys.exit(1 if taken.refusals else 0)


def count(number: int, what: str) -> str:
    """Write a number with its noun."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def chosen_files(paths: list[Path]) -> list[Path]:
    """Return the named files and those in named folders."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise WorksheetsError(f"{path} does not exist. Check the name.")
        found = sorted(path.rglob("*.xlsx")) if path.is_dir() else [path]
        # Excel keeps a small file beside a workbook that is open.
        files += [file for file in found if not file.name.startswith((".", "~$"))]
    if paths and not files:
        raise WorksheetsError(f"{', '.join(map(str, paths))}: no .xlsx file found. Save the workbooks as .xlsx.")
    return files


def own_files(folder: Path, name: str) -> list[Path]:
    """Return the workbooks of this person's customers, of every run. Others must be named as files."""
    lists = current()
    stems = [stem_of(manager) for manager in handed_in_by(lists, name) if manager is not None]
    files = [file for stem in stems for file in [*folder.glob(f"*/{stem}.xlsx"), *folder.glob(f"*/{stem}-part-*.xlsx")]]
    if not files:
        raise WorksheetsError(
            f"{folder} has no worksheet of {name}. Write the name as in the lists, or name the files."
        )
    return sorted(files)


def import_files(files: list[Path], by: str, store_url: str | None = None) -> Taken:
    """Read files and save their valid ratings. An exception means that nothing was saved."""
    lists = current()
    # None: the customer has no account manager.
    managers = {row["customer_id"]: row["account_manager"] for row in lists.rows("from account_brief")}
    importer = Importer(spelled(lists, by), managers, handed_in_by(lists, by), utc_text())
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
    """Refuse a workbook of other data or of another account manager."""
    kind, manager = workbook.facts["data_kind"], workbook.facts["account_manager"]
    if kind != run.data_kind:
        words = {"demo": "the demo", "own": "your own data"}
        raise WorkbookRefused(
            f"{file.name}: this workbook was made from {words.get(kind, kind)}, but the published lists are of "
            f"{words[run.data_kind]}. Set IPRE_PUBLISH_DIR to the lists that it was made from."
        )
    if manager and manager not in importer.sees:
        raise WorkbookRefused(
            f"{file.name}: this worksheet is {manager}'s, not {importer.name}'s. {manager} must return it."
        )


def save(workbooks: list[ReadWorkbook], importer: Importer, store: RatingStore, attempts: int = ATTEMPTS) -> Taken:
    """Save all valid ratings in one transaction."""
    taken = take(workbooks, importer, store)
    try:
        store.save_all(taken.events)
    except ChangedEvent:
        if attempts == 1:
            raise
        return save(workbooks, importer, store, attempts - 1)
    return taken


if __name__ == "__main__":
    main()
