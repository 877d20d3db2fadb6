"""Unusual changes since the last published run, in words: which figures of run_comparison, and what to do.

The model computes and judges the figures; a data test on it stops publication.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unusual_changes(engine: Any, values: Mapping[str, Any]) -> list[str]:
    """Describe every figure that is over its limit, the first of each parameter before others."""
    rows = engine.rows(
        "select figure, kind, detail, parameter, previous_value, value, change, previous_date, new_date, "
        "row_number() over (partition by coalesce(parameter, figure) order by place) as turn "
        f"from {engine.schema('build')}.run_comparison where not is_within_limit and not is_accepted "
        "order by turn, place"
    )
    return [in_words(row, values.get(row["parameter"])) for row in rows]


def in_words(row: Mapping[str, Any], limit: Any) -> str:
    """Describe one figure: what it was, what it is, and its limit."""
    if row["kind"] == "date":
        before, now = (str(row[name] or "")[:10] for name in ("previous_date", "new_date"))
    else:
        before, now = number(row["previous_value"]), number(row["value"])
    went = f" went from {before} to {now}" if before else f" is {now}"
    of = f" ({row['detail']})" if row["detail"] else ""
    by = f" ({100 * row['change']:+.1f} %)" if row["kind"] == "count" else ""
    # Some limits are constants of the model.
    allowed = f"{row['parameter']} ({limit}) allows" if row["parameter"] else "is allowed"
    return f"{row['figure']}{went}{of}{by}, more than {allowed}"


def number(value: float | None) -> str:
    """Return a figure as text: a whole one without decimals, null as nothing."""
    if value is None:
        return ""
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
