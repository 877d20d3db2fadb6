"""How many rows of each input table were read, accepted and rejected, and when that is reason to stop the night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .input_tables import InputTable, input_tables

# Share of the invoice lines that may stand on ids whose rows contradict each other. In an export as it should be there
# are none; where ids were numbers in a spreadsheet most are.
MAX_AMBIGUOUS_SHARE = 0.05
# The newest lines make the day for which lists are made. After so many days without any they must be more than a few.
GAP_DAYS = 45
FEW_LINES, FEW_SHARE = 10, 0.01
# Reasons that are told.
REASONS = 3
# Input table -> model in `helpers` with a row for each of its rows, and why it was rejected.
JUDGED = {name: f"judged_{name}" for name in input_tables()}
# Those of which the share of rejected rows counts: not what people keep by hand, row by row, because of five rows two
# are soon too many for any share; nor what they rated.
EXPORT = [name for name, one in input_tables().items() if not (one.kept_by_hand or one.from_rating_store)]


@dataclass(frozen=True)
class Count:
    """The rows of one input table. reasons: why rows were rejected -> how many, the most frequent first."""

    read: int
    reasons: dict[str, int]

    @property
    def rejected(self) -> int:
        """Rows rejected."""
        return sum(self.reasons.values())

    @property
    def accepted(self) -> int:
        """Rows accepted."""
        return self.read - self.rejected


def count_rows(engine: Any, tables: list[str]) -> dict[str, Count]:
    """Count the rows of some input tables. A line that could not be split into columns was read and rejected."""
    if not tables:
        return {}
    judged = " union all ".join(
        f"select '{table}' as input_table, rejection_reason from {engine.schema('helpers')}.{JUDGED[table]}"
        for table in tables
    )
    rows = engine.rows(
        f"select input_table, rejection_reason, count(*) as row_count from ({judged} union all "
        f"select source_table, reason from {engine.schema('input')}.unreadable_lines) as judged "
        "group by input_table, rejection_reason order by row_count desc, rejection_reason"
    )
    found = {}
    for table in tables:
        of_it = {row["rejection_reason"]: row["row_count"] for row in rows if row["input_table"] == table}
        reasons = {reason: count for reason, count in of_it.items() if reason is not None}
        found[table] = Count(sum(of_it.values()), reasons)
    return found


def too_much_rejected(engine: Any, counts: Mapping[str, Count], max_share: float) -> str:
    """Say of which tables too many rows, or all, were rejected; nothing when all is well. counts: of EXPORT."""
    told = [words for name in EXPORT if (words := in_words(input_tables()[name], counts[name], max_share))]
    if not told:
        return ""
    return (
        f"ipre input: {' '.join(told)} The rows stand in {engine.schema('build')}.rejected_rows. Correct the export, "
        "or raise max_rejected_share if it is as it should be."
    )


def in_words(table: InputTable, count: Count, max_share: float) -> str:
    """Say that too many rows of one table were rejected; nothing when they were not."""
    none_is_left = not count.accepted and not table.may_be_absent
    if not none_is_left and count.rejected <= max_share * count.read:
        return ""
    how = ", so that none is left" if none_is_left else f", more than max_rejected_share ({max_share}) allows"
    reasons = ", ".join(f"{reason} ({rows:,})" for reason, rows in list(count.reasons.items())[:REASONS])
    return (
        f"{count.rejected:,} of {count.read:,} rows of {table.name} were rejected{how}. Reasons: "
        f"{reasons or 'there were no rows'}."
    )


def too_much_unreadable(engine: Any, max_share: float) -> str:
    """Say which number of products is none in more than this share; nothing when all is well. An empty cell may be."""
    for column in input_tables()["products"].numbers:
        [row] = engine.rows(
            f"select count(*) as row_count, count(unreadable_{column}) as unreadable, min(unreadable_{column}) as "
            f"example from {engine.schema('helpers')}.{JUDGED['products']} where rejection_reason is null"
        )
        if row["unreadable"] > max_share * row["row_count"]:
            return (
                f"ipre input: {column} is no number in {row['unreadable']:,} of {row['row_count']:,} rows of "
                f"products, '{row['example']}' for example, more than max_rejected_share ({max_share}) allows. "
                "Correct the export, leave cells without one empty, or raise max_rejected_share."
            )
    return ""


def nothing_in_stock(engine: Any) -> str:
    """Say that no product is in stock; nothing when one is, or its stock is not known."""
    [row] = engine.rows(
        "select count(*) as row_count, count(*) filter (where stock_on_hand <= 0) as out_of_stock "
        f"from {engine.schema('helpers')}.{JUDGED['products']} where rejection_reason is null and active = 'yes'"
    )
    if not row["row_count"] or row["out_of_stock"] < row["row_count"]:
        return ""
    return (
        f"ipre input: stock_on_hand is 0 or less of all {row['row_count']:,} products that are still sold, so that "
        "lists would be empty. Correct the export, or leave the column out where stock is not known."
    )


def too_much_ambiguous(engine: Any, ambiguous_ids: str) -> str:
    """Say that too many invoice lines stand on ids that may be two things; nothing when few do.

    ambiguous_ids: relation of these ids.
    """
    worst = engine.rows(
        f"select source_table || ': ' || sentence as sentence from {ambiguous_ids} where are_two_things "
        "order by row_count desc, source_table, id limit 1"
    )
    if not worst:
        return ""
    of_table = f"in (select id from {ambiguous_ids} where are_two_things and source_table ="
    [row] = engine.rows(
        f"select count(*) as row_count, count(*) filter (where customer_id {of_table} 'customers') or product_id "
        f"{of_table} 'products')) as on_them from {accepted_lines(engine)}"
    )
    if row["on_them"] <= MAX_AMBIGUOUS_SHARE * row["row_count"]:
        return ""
    return (
        f"ipre input: {row['on_them']:,} of {row['row_count']:,} invoice lines stand on ids whose rows contradict each "
        f"other, more than one in {1 / MAX_AMBIGUOUS_SHARE:.0f}. {worst[0]['sentence']} Correct the export: were the "
        "ids numbers in a spreadsheet?"
    )


def accepted_lines(engine: Any) -> str:
    """Return SQL of the accepted invoice lines, from the table that as_of waits for."""
    return f"(select * from {engine.schema('helpers')}.{JUDGED['invoices']} where rejection_reason is null) as lines"


def few_after_a_gap(engine: Any) -> str:
    """Say which invoice lines stand far after all others, and are too few to say what day it is; nothing when none."""
    lines = accepted_lines(engine)
    found = engine.rows(
        "select * from (select invoice_date, lag(invoice_date) over (order by invoice_date) as before, "
        "sum(row_count) over () as row_count, sum(row_count) over (order by invoice_date desc) as later "
        f"from (select invoice_date, count(*) as row_count from {lines} group by invoice_date) as days) as days "
        f"where invoice_date > before + {GAP_DAYS} and (later < {FEW_LINES} or later < {FEW_SHARE} * row_count) "
        "order by invoice_date limit 1"
    )
    if not found:
        return ""
    [gap] = found
    examples = engine.rows(
        f"select row_number, invoice_id, invoice_date from {lines} where invoice_date >= date '{gap['invoice_date']}' "
        f"order by row_number limit {REASONS}"
    )
    named = ", ".join(f"row {row['row_number']} ({row['invoice_id']}, {row['invoice_date']})" for row in examples)
    return (
        f"ipre input: {gap['later']:,} of {gap['row_count']:,} invoice lines stand {GAP_DAYS} days and more after all "
        f"others, which end on {gap['before']}: {named}. The newest day is the one that lists are made for. Correct "
        "invoice_date there; or set as_of_date to the day that it is; or, if they are as they should be, accept them "
        "for today with accept_jump_on."
    )
