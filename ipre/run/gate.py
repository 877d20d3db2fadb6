"""A night unlike the last, in words: which figure of run_comparison jumped, and what to do.

The figures and their judgement are the model's; that a jump stops publication is a data test's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def jumps(engine: Any, values: Mapping[str, Any]) -> list[str]:
    """Word every figure that moved further than its parameter allows, the first of every parameter before others."""
    rows = engine.rows(
        "select figure, kind, detail, parameter, previous_value, value, change, previous_date, new_date, "
        "row_number() over (partition by coalesce(parameter, figure) order by place) as turn "
        f"from {engine.schema('build')}.run_comparison where not is_within_limit and not is_accepted "
        "order by turn, place"
    )
    return [in_words(row, values.get(row["parameter"])) for row in rows]


def in_words(row: Mapping[str, Any], limit: Any) -> str:
    """Word one figure: what it was, what it is, and what allows less."""
    if row["kind"] == "date":
        before, now = (str(row[name] or "")[:10] for name in ("previous_date", "new_date"))
    else:
        before, now = number(row["previous_value"]), number(row["value"])
    went = f" went from {before} to {now}" if before else f" is {now}"
    of = f" ({row['detail']})" if row["detail"] else ""
    by = f" ({100 * row['change']:+.1f} %)" if row["kind"] == "count" else ""
    # A limit that nobody can set well has no parameter.
    allowed = f"{row['parameter']} ({limit}) allows" if row["parameter"] else "is allowed"
    return f"{row['figure']}{went}{of}{by}, more than {allowed}"


def number(value: float | None) -> str:
    """Write a figure: whole ones without decimals, nothing for null."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3f}"


def advice(engine: Any, command: Any) -> str:
    """Say what to do after a jump."""
    given = str(command.values["accept_jump_on"])
    return (
        "Correct the export and build again. If it is as it should be, accept it for today with "
        + command.acceptance
        + (f" (it is {given}, which counts on that day only)" if given else "")
        + f", or raise the limit. Every figure stands in {engine.schema('build')}.run_comparison."
    )
