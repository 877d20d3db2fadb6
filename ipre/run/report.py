"""What a published build prints at its end: a few rows as an account manager sees them, and where everything is."""

from collections.abc import Iterator
from typing import Any

from .command import Command
from .input_counts import REASONS, rejections

# Findings of each kind that are printed, those of most rows first.
FINDINGS = 3


def report(engine: Any, command: Command) -> Iterator[str]:
    """Return the lines of the report."""
    lists, build = f"{engine.schema('main')}.final_recommendations", engine.schema("build")
    [totals] = engine.rows(
        "select count(*) as places, count(distinct customer_id) as served, max(as_of_date) as as_of_date, "
        f"(select count(*) from {build}.customer_numbers) as customers from {lists}"
    )
    reasons = rejections(engine)
    rejected = sum(row["row_count"] for row in reasons)
    where = f" in {command.input_settings.data_dir}" if command.input_settings.data_dir else ""
    whose = "the demo data" if command.data_kind == "demo" else f"your data{where}"
    yield ""
    yield (
        f"ipre: {totals['places']:,} recommendations for {totals['served']:,} of {totals['customers']:,} customers"
        f"{held_out(engine, command)} of {whose}, as of {totals['as_of_date']}; {rejected:,} input "
        f"row{'' if rejected == 1 else 's'} rejected{f' (see {build}.rejected_rows)' if rejected else ''}."
    )
    for row in reasons[:REASONS]:
        yield f"  Rejected in {row['source_table']}: {row['reason']} ({row['row_count']:,}{row['example']})"
    yield from findings(engine)
    if command.values["ranker"] == "learned":
        yield what_was_learned(engine)
    yield from too_few_repeats(engine)
    yield from sample(engine, lists)
    yield ""
    yield f"Published: table {lists} {engine.where_published(command)}"


def held_out(engine: Any, command: Command) -> str:
    """Say how many customers are in no list on purpose."""
    if command.values["holdout_share"] == 0:
        return ""
    customers = f"{engine.schema('build')}.customer_numbers"
    [row] = engine.rows(f"select count(*) as customers from {customers} where is_held_out")
    return f" ({row['customers']:,} held out)" if row["customers"] else ""


def findings(engine: Any) -> Iterator[str]:
    """Return the findings in the input."""
    for row in engine.rows(
        "select sentence, place, total from (select *, count(*) over (partition by kind) as total, row_number() over "
        "(partition by kind order by row_count desc, source_table, subject) as place from "
        f"{engine.schema('main')}.input_findings) as ordered where place <= {FINDINGS} order by kind, place"
    ):
        yield f"  {row['sentence']}"
        if row["place"] == FINDINGS and row["total"] > FINDINGS:
            yield f"  And {row['total'] - FINDINGS} more of this kind (see input_findings)."


def what_was_learned(engine: Any) -> str:
    """Say how much the learned ranker learned from, and if that was too little."""
    [learned] = engine.rows(
        "select max(value) filter (where part = 'decision') as is_learned, "
        "count(distinct model) filter (where part = 'cut_off') as days, "
        "coalesce(sum(value) filter (where part = 'cut_off' and name = 'first_purchases'), 0) as purchases "
        f"from {engine.schema('main')}.ranker_weights"
    )
    from_what = f"{learned['purchases']:,.0f} first purchases after {learned['days']} earlier dates"
    if learned["is_learned"]:
        return f"  The ranker learned from {from_what} (see ranker_weights)."
    return (
        f"  The ranker had too little to learn from ({from_what}): lists are in the order of EASE, without "
        "purchase_chance (see ranker_weights)."
    )


def too_few_repeats(engine: Any) -> Iterator[str]:
    """Say so if there was too little to learn chances of a repeat purchase from."""
    rows = engine.rows(f"select name, value from {engine.schema('main')}.reorder_weights where part = 'count'")
    counts = {row["name"]: row["value"] for row in rows}
    if not counts["learned"]:
        yield (
            f"  Too little history to estimate chances: {counts['repeats']:,.0f} repeat purchases after three earlier "
            "dates; 2,000 are needed. reorders_due uses usual intervals, and account_brief usual values (see "
            "reorder_weights)."
        )


def sample(engine: Any, lists: str) -> Iterator[str]:
    """Show two customers: those with most rules in their lists, then by id."""
    for row in engine.rows(
        f"select customer_name, customer_id, rank, product_name, suggested_quantity, score, explanation from {lists} "
        f"where customer_id in (select customer_id from {lists} group by customer_id order by count(triggered_by) "
        "desc, customer_id limit 2) order by customer_id, rank"
    ):
        if row["rank"] == 1:
            yield ""
            yield f"{row['customer_name']} ({row['customer_id']})"
        quantity, score = row["suggested_quantity"], row["score"]
        yield f"  {row['rank']}. {row['product_name']}, quantity {quantity}, score {score:.2f}"
        yield f"     {row['explanation']}"
