"""Check that every line of a CSV file is a row, or part of a value that is meant to span several lines.

A quote that is not closed makes the rows after it part of one value, up to the next quote. The rows that are read do
not show it when the column is one that ipre does not read.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .input_tables import Source

BLOCK_BYTES = 1 << 24
BREAK = re.compile("\r\n|\r|\n")


def check_lines(source: Source, file: Path, header: list[str], row_count: int, prose: list[str]) -> None:
    """Refuse a file in which a value swallowed a row. If every line is a row, counting lines is enough, and cheap.

    row_count: rows that were read, and lines that could not be; prose: columns of free text, in
    which a comma before a blank does not separate values.
    """
    with file.open("rb") as opened:
        if count_lines(opened) == 1 + row_count:
            return
    separators, rows = len(header) - 1, 0
    with file.open("rb") as opened:
        for line, row in numbered_rows(opened):
            rows += 1
            for name, column, value in zip(header, range(len(row)), row, strict=False):
                if swallows_a_row(value.replace(", ", " ") if name in prose else value, column, separators):
                    opens = line + sum(map(count_breaks, row[:column]))
                    raise source.refused(
                        f"line {opens}: a quote opens in column '{name}' and closes only in line "
                        f"{opens + count_breaks(value)}, so the rows between would be lost. Remove or close it; "
                        'write a quote inside a value twice ("").'
                    )
    if rows != 1 + row_count:
        raise source.refused(
            f"the file has {rows - 1:,} rows, but {row_count:,} were read. Look for an unclosed quote or mixed line "
            "endings, and export it again."
        )


def count_lines(opened: IO[bytes]) -> int:
    """Count the lines of a file, whatever ends them."""
    lines, last = 0, b"\n"
    while block := opened.read(BLOCK_BYTES):
        lines += block.count(b"\n")
        if b"\r" in block:
            lines += block.count(b"\r") - block.count(b"\r\n")
        if last == b"\r" and block.startswith(b"\n"):
            lines -= 1
        last = block[-1:]
    return lines + (last not in (b"\n", b"\r"))


def numbered_rows(opened: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of a CSV file, each with the number of its first line, without blank lines."""
    limit = csv.field_size_limit(1 << 31)
    try:
        reader = csv.reader(io.TextIOWrapper(opened, "utf-8-sig", errors="replace", newline=""))
        line = 1
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(limit)


def swallows_a_row(value: str, column: int, separators: int) -> bool:
    """Whether a value contains the end of its row, whole rows, and the beginning of another one.

    column: its number, from 0; separators: in a row. A comment over several lines has commas, too, but not there.
    """
    first, *others = [line.count(",") for line in BREAK.split(value)]
    if not others:
        return False
    *between, last = others
    return max(between, default=0) >= separators or (first >= separators - column and last >= column)


def count_breaks(value: str) -> int:
    """Count the line breaks in a value."""
    return len(BREAK.findall(value))
