"""How many rows of each input table were read, accepted and rejected, and when that stops the run."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .input_tables import InputTable, input_tables

# Share of the invoice lines that may have ids whose rows contradict each other. A good export has none; where ids were
# numbers in a spreadsheet most lines do.
MAX_AMBIGUOUS_SHARE = 0.05
# The newest line sets the day that lists are made for. After so many days without lines there must be more than a few.
GAP_DAYS = 45
FEW_LINES, FEW_SHARE = 10, 0.01
# Reasons and examples in a message.
REASONS, MOST_SIGNS = 3, 60
# The first row of a reason, in a query grouped by it.
FIRST = "min(row_number) as row_number, min_by(row_values, row_number) as row_values"
# Input table -> model in `helpers` with a row for each of its rows, and why it was rejected.
JUDGED = {name: f"judged_{name}" for name in input_tables()}
# The tables whose share of rejected rows counts: not those that people keep by hand, because two of five rows are too
# many for any share; nor ratings.
EXPORT = [name for name, one in input_tables().items() if not (one.kept_by_hand or one.from_rating_store)]


@dataclass(frozen=True)
class Count:
    """The rows of one input table. reasons: why rows were rejected -> how many, the most frequent first.

    values: column that may be missing -> rows with a value; None for tables in which that says nothing. examples:
    reason -> the first row that was rejected for it.
    """

    read: int
    reasons: dict[str, int]
    values: dict[str, int] | None = None
    examples: dict[str, str] = field(default_factory=dict)

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
        f"select '{table}' as input_table, rejection_reason as reason, row_number, row_values "
        f"from {engine.schema('helpers')}.{JUDGED[table]}"
        for table in tables
    )
    rows = engine.rows(
        f"select input_table, reason, count(*) as row_count, {FIRST} from ({judged} union all select source_table, "
        f"reason, row_number, null from {engine.schema('input')}.unreadable_lines) as judged "
        "group by input_table, reason order by row_count desc, reason"
    )
    found = {}
    for table in tables:
        of_it = [row for row in rows if row["input_table"] == table]
        rejected = {row["reason"]: row for row in of_it if row["reason"] is not None}
        found[table] = Count(
            sum(row["row_count"] for row in of_it),
            {reason: row["row_count"] for reason, row in rejected.items()},
            examples={reason: example(row) for reason, row in rejected.items()},
        )
    return found


def rejections(engine: Any) -> list[dict[str, Any]]:
    """Return why rows were rejected, the most frequent first: source_table, reason, row_count and a row's example."""
    found = engine.rows(
        f"select source_table, reason, count(*) as row_count, {FIRST} from {engine.schema('build')}.rejected_rows "
        "group by source_table, reason order by row_count desc, source_table, reason"
    )
    return [row | {"example": example(row)} for row in found]


def example(row: Mapping[str, Any]) -> str:
    """Name a rejected row, and its value in the column that its reason begins with."""
    value = json.loads(row["row_values"] or "{}").get(row["reason"].partition(" ")[0])
    # A message is one line.
    return f", first row {row['row_number']}" + (f": '{' '.join(value.split())[:MOST_SIGNS]}'" if value else "")


def values_in_columns(engine: Any, tables: list[InputTable]) -> dict[str, dict[str, int]]:
    """Count the values in each column that may be missing, of tables that may not: table -> column -> rows."""
    found = {}
    for table in (table for table in tables if not table.may_be_absent):
        counted = ", ".join(f"count(nullif(trim({name}), '')) as {name}" for name in table.optional)
        [found[table.name]] = engine.rows(f"select {counted} from {engine.schema('input')}.{table.name}")
    return found


def gone_columns(before: Mapping[str, Mapping[str, int]], now: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Describe each column that had values in the published run and has none now: lists would be wrong in silence."""
    for table, columns in now.items():
        for column, rows in columns.items():
            had = before.get(table, {}).get(column, 0)
            if not rows and had >= FEW_LINES:
                yield f"{table}: {column} has no values; in the published run {had:,} rows had one."


def reason_to_stop(engine: Any, *, ambiguous_ids: str, max_rejected_share: float, newest_is_today: bool) -> str:
    """Say why too much of the input, or its newest day, cannot be trusted; nothing if it can.

    ambiguous_ids: relation of ids that may be two things; newest_is_today: whether lists are for the newest day.
    """
    return (
        too_much_rejected(engine, count_rows(engine, EXPORT), max_rejected_share)
        or too_much_unreadable(engine, max_rejected_share)
        or too_much_returned(engine)
        or nothing_in_stock(engine)
        or too_much_ambiguous(engine, ambiguous_ids)
        or (few_after_a_gap(engine) if newest_is_today else "")
    )


def too_much_rejected(engine: Any, counts: Mapping[str, Count], max_share: float) -> str:
    """Say in which tables too many rows, or all, were rejected; nothing if in none. counts: of EXPORT."""
    told = [words for name in EXPORT if (words := in_words(input_tables()[name], counts[name], max_share))]
    if not told:
        return ""
    # No share lets a table pass that has no row left.
    allowed = all(counts[name].accepted for name in EXPORT if not input_tables()[name].may_be_absent)
    or_else = ", or raise max_rejected_share if these rows may be left out" if allowed else ""
    return (
        f"ipre input: {' '.join(told)} See {engine.schema('build')}.rejected_rows for every row. Fix the export"
        f"{or_else}."
    )


def in_words(table: InputTable, count: Count, max_share: float) -> str:
    """Say that too many rows of one table were rejected; nothing if not."""
    none_is_left = not count.accepted and not table.may_be_absent
    if not none_is_left and count.rejected <= max_share * count.read:
        return ""
    how = ", so none is left" if none_is_left else f", more than max_rejected_share ({max_share}) allows"
    reasons = ", ".join(
        f"{reason} ({rows:,}{count.examples.get(reason, '')})" for reason, rows in list(count.reasons.items())[:REASONS]
    )
    return (
        f"{count.rejected:,} of {count.read:,} rows of {table.name} were rejected{how}. Reasons: "
        f"{reasons or 'there were no rows'}."
    )


def too_much_unreadable(engine: Any, max_share: float) -> str:
    """Say which column of numbers of products has too many other values; nothing if none. Empty cells are fine."""
    for column in input_tables()["products"].numbers:
        [row] = engine.rows(
            f"select count(*) as row_count, count(unreadable_{column}) as unreadable, min(unreadable_{column}) as "
            f"example from {engine.schema('helpers')}.{JUDGED['products']} where rejection_reason is null"
        )
        if row["unreadable"] > max_share * row["row_count"]:
            return (
                f"ipre input: {column} is not a number in {row['unreadable']:,} of {row['row_count']:,} rows of "
                f"products (for example '{row['example']}'), more than max_rejected_share ({max_share}) allows. Fix "
                "the export, leave unknown values blank, or raise max_rejected_share."
            )
    return ""


def too_much_returned(engine: Any) -> str:
    """Say that most invoice lines are negative; nothing if not. Ledgers of stock write a sale as what leaves it."""
    [row] = engine.rows(
        f"select count(*) as row_count, count(*) filter (where quantity < 0) as negative from {accepted_lines(engine)}"
    )
    if row["negative"] * 2 <= row["row_count"]:
        return ""
    return (
        f"ipre input: quantity is negative in {row['negative']:,} of {row['row_count']:,} invoice lines, so most would "
        "be returns. Change its sign in the export: a sale is positive, a return negative."
    )


def nothing_in_stock(engine: Any) -> str:
    """Say that no product is in stock; nothing if one is, or its stock is unknown."""
    [row] = engine.rows(
        "select count(*) as row_count, count(*) filter (where stock_on_hand <= 0) as out_of_stock "
        f"from {engine.schema('helpers')}.{JUDGED['products']} where rejection_reason is null and active = 'yes'"
    )
    if not row["row_count"] or row["out_of_stock"] < row["row_count"]:
        return ""
    return (
        f"ipre input: stock_on_hand is 0 or less for all {row['row_count']:,} active products, so all lists would be "
        "empty. Fix the export, or leave the column out if you do not know the stock."
    )


def too_much_ambiguous(engine: Any, ambiguous_ids: str) -> str:
    """Say that too many invoice lines have ids that may be two things; nothing if few have.

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
        f"ipre input: {row['on_them']:,} of {row['row_count']:,} invoice lines have ids used for two different "
        f"customers or products, more than {MAX_AMBIGUOUS_SHARE:.0%}. {worst[0]['sentence']} Fix the export; a "
        "spreadsheet may have changed the ids into numbers, or two companies use the same ids."
    )


def accepted_lines(engine: Any) -> str:
    """Return SQL of the accepted invoice lines, from a table that is built before `as_of`."""
    return f"(select * from {engine.schema('helpers')}.{JUDGED['invoices']} where rejection_reason is null) as lines"


def few_after_a_gap(engine: Any) -> str:
    """Say which few invoice lines are so far after all others that their dates are doubtful; nothing if none."""
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
        f"ipre input: {gap['later']:,} of {gap['row_count']:,} invoice lines are dated more than {GAP_DAYS} days after "
        f"the last other line ({gap['before']}): {named}. Lists are made for the newest date. Fix invoice_date in "
        "these rows, or set as_of_date; if the dates are right, accept them for today with accept_jump_on."
    )
