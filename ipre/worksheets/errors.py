"""What can go wrong with worksheets as a whole; every text is one line that says what to do."""

from __future__ import annotations


class WorksheetsError(Exception):
    """Nothing could be written or taken in."""


class WorkbookRefused(WorksheetsError):
    """A file of which no row can be taken."""
