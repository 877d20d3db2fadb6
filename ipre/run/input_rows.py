"""The rows of an input table: made without any, added, and numbered as in their source."""

import duckdb

from .input_tables import InputTable
from .warehouse import quoted

# The n-th unreadable line follows `its number - n` readable rows and moves all rows after it by n.
MOVE = """
    with unreadable as (
        select row_number, row_number() over (order by row_number) as shift
        from input.unreadable_lines
        where source_table = $name
    ),
    shifts as (select row_number - shift as readable_rows_before, max(shift) as shift from unreadable group by 1)
    update input.{name} as read
    set row_number = moved.row_number + moved.shift
    from (
        select rows.row_number, shifts.shift
        from input.{name} as rows
        asof join shifts on rows.row_number > shifts.readable_rows_before
    ) as moved
    where read.row_number = moved.row_number
"""


def make_empty(cursor: duckdb.DuckDBPyConnection, table: InputTable) -> None:
    """Make `input.<table>` without rows."""
    cursor.execute("create schema if not exists input")
    texts = ", ".join(f"{quoted(column)} varchar" for column in table.columns)
    cursor.execute(f"create or replace table input.{table.name} ({texts}, row_number bigint)")


def number_rows(cursor: duckdb.DuckDBPyConnection, table: str) -> None:
    """Fill the column row_number of `input.<table>`: 1 for its first row. In a transaction rowid begins far from 0."""
    cursor.execute(f"update input.{table} set row_number = rowid + 1 - (select min(rowid) from input.{table})")


def count_unreadable_lines(cursor: duckdb.DuckDBPyConnection, table: str) -> None:
    """Move row_number of `input.<table>` on by the lines before it that could not be read: they have a number, too."""
    query = "select count(*) from input.unreadable_lines where source_table = ?"
    if cursor.execute(query, [table]).fetchall() != [(0,)]:
        cursor.execute(MOVE.format(name=table), {"name": table})
