"""Unusual changes since the last published run, in words: which figures of run_comparison, and what to do.

The model computes and judges the figures; a data test on it stops publication.
"""

from collections.abc import Mapping
from typing import Any

from .input_counts import rejections

# Figure of kind step -> what its share is of.
SHARES = {
    "share_of_customers_missing": "customers with a list are missing",
    "share_of_products_unavailable": "listed products became unavailable",
    "share_of_places_changed": "list positions changed",
}


def unusual_changes(engine: Any, values: Mapping[str, Any]) -> list[str]:
    """Describe every figure that is over its limit, the first of each parameter before others."""
    rows = engine.rows(
        "select figure, kind, detail, parameter, previous_value, value, change, previous_date, new_date, "
        "row_number() over (partition by coalesce(parameter, figure) order by place) as turn "
        f"from {engine.schema('build')}.run_comparison where not is_within_limit and not is_accepted "
        "order by turn, place"
    )
    reasons = rejections(engine) if rows else []
    return [
        in_words(row, values.get(row["parameter"]))
        + rejected(engine, [one for one in reasons if f"{one['source_table']}_accepted" == row["figure"]])
        for row in rows
    ]


def in_words(row: Mapping[str, Any], limit: Any) -> str:
    """Describe one figure: what it was, what it is, and its limit."""
    if row["kind"] == "date":
        before, now = (str(row[name])[:10] for name in ("previous_date", "new_date"))
        if now < before:
            return f"the newest invoice went back from {before} to {now}; it may not go back"
        return f"the newest invoice went from {before} to {now}, more than is allowed"
    if row["kind"] == "step":
        return (
            f"{row['value']:.0%} of {SHARES[row['figure']]} ({row['detail']}); limit {limit:.0%} ({row['parameter']})"
        )
    went = f"{row['figure']} went from {number(row['previous_value'])} to {number(row['value'])} ({row['change']:+.1%})"
    # Some limits are constants of the model.
    allowed = f"{row['parameter']} ({limit}) allows" if row["parameter"] else "is allowed"
    return f"{went}, more than {allowed}"


def rejected(engine: Any, reasons: list[dict[str, Any]]) -> str:
    """Say why rows of the table that a figure counts were rejected: they may be the change. Nothing if none were."""
    if not reasons:
        return ""
    count = sum(row["row_count"] for row in reasons)
    were = f"{count:,} of its rows {'was' if count == 1 else 'were'} rejected"
    return f"; {were}, most often: {reasons[0]['reason']} (see {engine.schema('build')}.rejected_rows)"


def number(value: float) -> str:
    """Return a figure as text: a whole one without decimals."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3f}"


def advice(engine: Any, command: Any) -> str:
    """Say what to do about unusual changes."""
    given = str(command.values["accept_jump_on"])
    return (
        "Fix the export, then run `dbt build` again. If the changes are right, accept them for today with "
        + command.acceptance
        + (f" (accept_jump_on is {given}, which counts on that day only)" if given else "")
        + f", or raise the limit. All figures: {engine.schema('build')}.run_comparison."
    )
