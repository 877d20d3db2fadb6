"""Every line of a CSV file is a row, or a part of a value that is meant to go over several lines.

A quote that is not closed makes the rows behind it a part of one value, up to the next quote, wherever the next mistake
put it. What is read shows nothing of it where the column is not ours.
"""

from __future__ import annotations

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
    """Refuse a file in which a row was swallowed. Where every line is a row, counting them is all, nearly for nothing.

    row_count: rows that were read, and lines that could not be; prose: columns in which people write what they like,
    where a comma before a blank separates no values.
    """
    with file.open("rb") as opened:
        if count_lines(opened) == 1 + row_count:
            return
    separators, rows = len(header) - 1, 0
    with file.open("rb") as opened:
        for line, row in numbered_rows(opened):
            rows += 1
            for name, place, value in zip(header, range(len(row)), row, strict=False):
                if swallows_a_row(value.replace(", ", " ") if name in prose else value, place, separators):
                    opens = line + sum(map(count_breaks, row[:place]))
                    raise source.refused(
                        f"line {opens}: the quote that opens in column '{name}' is closed in line "
                        f"{opens + count_breaks(value)}, and the rows between are lost in it. Take it out, or "
                        'close it; a quote inside a value is written twice ("").'
                    )
    if rows != 1 + row_count:
        raise source.refused(
            f"it holds {rows - 1:,} rows, and {row_count:,} were read. Its quotes or its line ends do not match: "
            "export it anew."
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
    """Return the rows of a CSV file, each with the number of the line that it begins in; no blank lines."""
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


def swallows_a_row(value: str, place: int, separators: int) -> bool:
    """Whether a value holds the end of its row, whole rows, and the beginning of another one.

    place: of its column, from 0; separators: of a row. A comment over several lines holds commas, too, but not there.
    """
    first, *others = [line.count(",") for line in BREAK.split(value)]
    if not others:
        return False
    *between, last = others
    return max(between, default=0) >= separators or (first >= separators - place and last >= place)


def count_breaks(value: str) -> int:
    """Count the line breaks in a value."""
    return len(BREAK.findall(value))
