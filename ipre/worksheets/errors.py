"""Errors about worksheets as a whole; every message is one line that says what to do."""


class WorksheetsError(Exception):
    """Nothing could be written or imported."""


class WorkbookRefused(WorksheetsError):
    """A file of which no row can be imported."""
