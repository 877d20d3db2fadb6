"""Is it working? The founding success figures, and whether the nightly run is healthy."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from context import Context
from drawing import stacked_bars, table, whole_number
from ipre.serving import Published
from words import count, day, moment, plain, share, source


class Target(NamedTuple):
    """A founding success figure: its metric, what it is called, what it should be, and how it is written."""

    metric: str
    name: str
    target: float
    is_share: bool
    help: str


TARGETS = [
    Target("coverage", "Customers served", 1.0, True, "Customers with recommendations, of all."),
    Target("recommendations_per_customer", "Products for each", 5, False, "Recommendations per customer, on average."),
    Target("rated_high_or_medium_share", "Rated High or Medium", 0.7, True, "Of all products rated, on a list or not."),
    Target("avg_confidence", "Average confidence", 0.436, True, "Of customers with the one product, those with both."),
    Target("avg_support", "Average support", 0.436, True, "Of the customers of a cluster, those with both products."),
]
LAST_RUNS = 10


def page(context: Context) -> None:
    """Draw the page."""
    published = context.published
    st.title("Is it working?")
    show_targets(published)
    show_ratings(published)
    show_places(published)
    show_changes(published)
    show_input(published)
    show_runs(published)
    show_backtest(published)


def show_targets(published: Published) -> None:
    """Set the founding figures beside their targets."""
    values = {row["metric"]: row["value"] for row in published.rows("from recommendation_metrics")}
    for column, wanted in zip(st.columns(len(TARGETS)), TARGETS, strict=True):
        value = values.get(wanted.metric)
        column.metric(
            wanted.name,
            written(wanted, value),
            delta=f"target {written(wanted, wanted.target)}",
            delta_arrow="off",
            delta_color="off" if value is None else "green" if value >= wanted.target else "orange",
            help=wanted.help,
        )
    st.caption(
        "The targets are the founding description's. Average support depends on how large clusters are; it "
        f"is no measure of how good a list is. {share(values.get('share_from_associations'))} of all places come from "
        "products bought together."
    )


def written(wanted: Target, value: float | None) -> str:
    """Write the value of a founding figure."""
    return share(value, 1).replace(".0 %", " %") if wanted.is_share else "none" if value is None else f"{value:.2f}"


def show_ratings(published: Published) -> None:
    """Show what was rated when."""
    st.header("Ratings over time")
    rows = published.rows(
        """
        select strftime(rated_at_utc, '%Y-%m') as month, rating, count(*) as ratings
        from current_ratings
        where rated_at_utc is not null
        group by all
        order by month, rating
        """
    )
    if not rows:
        st.write("Nothing that counts was rated yet, or no rating has a date.")
        return
    stacked_bars(rows, x="month", y="ratings", colour="rating", order=["Low", "Medium", "High"])
    newest = published.row("select max(rated_at_utc) as at, count(*) as ratings from current_ratings")
    st.caption(
        f"The newest rating of each customer and product, {newest['ratings']:,} in all, the last of "
        f"{day(newest['at'])}. What was rated since the last build is not among them."
    )


def show_places(published: Published) -> None:
    """Show what fills the places of the lists."""
    st.header("What fills the places")
    rows = published.rows("select source, rank, count(*) as places from final_recommendations group by all")
    ranks = sorted({row["rank"] for row in rows})
    totals: dict[str, dict] = {}
    for row in rows:
        totals.setdefault(row["source"], {"source": row["source"], **dict.fromkeys(ranks, 0)})[row["rank"]] = row[
            "places"
        ]
    ordered = sorted(totals.values(), key=lambda row: (-sum(row[rank] for rank in ranks), row["source"]))
    table(ordered, {"source": "Customers at each place", **{rank: f"Place {rank}" for rank in ranks}}, source=source)


def show_changes(published: Published) -> None:
    """Count why lists changed with this run."""
    st.header("What changed, and why")
    rows = published.rows(
        """
        select why, count(*) filter (where change = 'new') as came, count(*) filter (where change = 'gone') as went,
            count(*) filter (where change = 'moved') as moved, count(*) as changes
        from recommendation_changes
        where run_id = $run
        group by why
        order by changes desc, why
        limit 20
        """,
        run=published.run.run_id,
    )
    if not rows:
        st.write("This run changed no list, or is the first.")
        return
    table(rows, {"why": "Why", "came": "New", "went": "Gone", "moved": "Another place"})


def show_input(published: Published) -> None:
    """Say how much of the input could be used. Rejected rows themselves never leave the warehouse."""
    st.header("The input")
    rows = published.rows(
        "select input_table, rows_read, rows_accepted, rows_rejected from build_run_rows where run_id = $run "
        "order by input_table",
        run=published.run.run_id,
    )
    if rows:
        table(
            rows,
            {
                "input_table": "Table",
                "rows_read": "Rows read",
                "rows_accepted": "Accepted",
                "rows_rejected": "Rejected",
            },
            input_table=lambda name: name.replace("_", " ").capitalize(),
        )
    findings = published.rows("from input_findings order by row_count desc, source_table, kind, subject limit 20")
    if not findings:
        st.write("Nothing about the input needs a look.")
    for finding in findings:
        st.markdown(f"- {plain(finding['sentence'])}")
    if any(row["rows_rejected"] for row in rows):
        st.caption("Each rejected row stands, with its reason, in build.rejected_rows of the warehouse.")


def show_runs(published: Published) -> None:
    """Show the last runs, as the run log of the published set knows them."""
    st.header("The last runs")
    rows = published.rows(f"select * from build_runs order by started_at desc, run_id limit {LAST_RUNS}")
    table(
        rows,
        {
            "started_at": "Started",
            "outcome": "Outcome",
            "as_of_date": "Lists for",
            "duration_seconds": "Seconds",
            "reason": "Why",
        },
        started_at=moment,
        as_of_date=lambda value: day(value) if value else "",
        duration_seconds=whole_number,
    )
    st.caption("As of the run that you see. Runs after it, which readers never saw, stand in the warehouse.")


# Part of the back-test, its measures, and what each is called.
MEASURED = [
    ("new products", {"ndcg": "NDCG (hits, upper places more)", "hit_rate": "Customers with a hit"}),
    ("products bought again", {"reorder_ndcg": "NDCG of ten products", "reorder_hit_rate": "Customers with a hit"}),
    (
        "turnover of four weeks",
        {
            "forecast_bias": "Said / came",
            "forecast_error": "Absolute error / came",
            "forecast_top_fifth": "What the fifth brought of whom most was said",
        },
    ),
]
CHANCES = {"offer": "A first purchase within 56 days", "reorder": "Another purchase within 28 days"}


def show_backtest(published: Published) -> None:
    """Show the newest back-test: would the lists of an earlier day have worked, and did the chances hold?"""
    st.header("Would it have worked?")
    rows = published.rows(
        """
        select *
        from backtest_metrics
        where (as_of_date, evaluation_days) = (
            select (as_of_date, evaluation_days)
            from backtest_metrics
            order by as_of_date desc, evaluation_days desc
            limit 1
        )
        order by measure desc, value desc, method
        """
    )
    if not rows:
        st.write("No back-test was published yet. A run with an as-of date makes one (docs/which-ranker.md).")
        return
    st.write(
        f"Made for {day(rows[0]['as_of_date'])}, and measured by what customers bought in the "
        f"{rows[0]['evaluation_days']} days after it: of new products by the first purchases of "
        f"{count(max(row['customers'] for row in rows if row['measure'] == 'ndcg'), 'customer')}."
    )
    for part, names in MEASURED:
        found = [row for row in rows if row["measure"] in names]
        if found:
            st.subheader(part.capitalize())
            measured_table(found, names)
    show_tenths(published)


def measured_table(rows: list[dict], names: dict[str, str]) -> None:
    """Draw methods, the best by the first measure on top, and their values with intervals. names: measure -> words."""
    by_method: dict[str, dict] = {}
    for row in sorted(rows, key=lambda row: list(names).index(row["measure"])):
        by_method.setdefault(row["method"], {"method": row["method"]})[row["measure"]] = interval(row)
    table(list(by_method.values()), {"method": "Method", **names}, method=lambda word: word.replace("_", " "))


def show_tenths(published: Published) -> None:
    """Show whether chances hold: each kind in ten groups, the least likely first."""
    rows = published.rows(
        "from backtest_calibration where as_of_date = (select max(as_of_date) from backtest_calibration) order by tenth"
    )
    for kind, words in CHANCES.items():
        found = [row for row in rows if row["kind"] == kind]
        if found:
            st.subheader(f"Do the chances hold? {words}")
            table(
                found,
                {"tenth": "Tenth", "places": "Products", "predicted": "Said", "found": "Happened", "holds": "Holds"},
                predicted=lambda value: share(value, 1),
                found=lambda value: share(value, 1),
                holds=lambda value: "yes" if value else "no",
            )


def interval(row: dict) -> str:
    """Write a measure with the bounds of its interval, where it has some."""
    bounds = "" if row["value_low"] is None else f" ({row['value_low']:.3f} to {row['value_high']:.3f})"
    return f"{row['value']:.3f}{bounds}"
