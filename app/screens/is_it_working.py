"""Is it working? The success figures with their targets, the health of the runs, and the newest back-test."""

from typing import NamedTuple

import streamlit as st

from context import Context
from drawing import intervals, predicted_and_happened, stacked_bars, table
from ipre.backtest.report import FORECASTS, REORDERS, WORDS
from ipre.serving import Published
from words import count, day, moment, plain, share, source


class Target(NamedTuple):
    """A success figure: its metric, name, target and explanation, and whether it is a share."""

    metric: str
    name: str
    target: float
    is_share: bool
    help: str


TARGETS = [
    Target("coverage", "Customers with a list", 1.0, True, "The share of customers who have recommendations."),
    Target("recommendations_per_customer", "List length", 5, False, "Recommendations per customer, on average."),
    Target("rated_high_or_medium_share", "Rated High/Medium", 0.7, True, "Share of ratings that are High or Medium."),
    Target(
        "avg_confidence",
        "Average confidence",
        0.436,
        True,
        "Of the customers who bought the first product of a pair, the share who also bought the second.",
    ),
    Target(
        "avg_support",
        "Average support",
        0.436,
        True,
        "Share of a cluster's customers who bought both products of a pair.",
    ),
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
    """Show the success figures with their targets."""
    values = {row["metric"]: row["value"] for row in published.rows("from recommendation_metrics")}
    with st.container(key="targets"):
        columns = st.columns(len(TARGETS))
    for column, wanted in zip(columns, TARGETS, strict=True):
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
        "The targets are from the project's first description, which gives the same one for confidence and support. "
        "Average support depends on the size of clusters and does not measure how good a list is."
    )


def written(wanted: Target, value: float | None) -> str:
    """Write the value of a success figure."""
    return share(value, 1).replace(".0%", "%") if wanted.is_share else "none" if value is None else f"{value:.2f}"


def show_ratings(published: Published) -> None:
    """Show the ratings by month."""
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
        st.write("There are no ratings with a date yet.")
        return
    stacked_bars(rows, x="month", y="ratings", color="rating", order=["Low", "Medium", "High"])
    newest = published.row("select max(rated_at_utc) as at, count(*) as ratings from current_ratings")
    st.caption(
        f"{count(newest['ratings'], 'current rating')}; the latest is from {day(newest['at'])}. "
        "Ratings since the last run are not counted yet."
    )


def show_places(published: Published) -> None:
    """Show which sources fill the positions of the lists."""
    st.header("Where recommendations come from")
    ranks = [row["rank"] for row in published.rows("select distinct rank from final_recommendations order by rank")]
    counts = "".join(f', count(*) filter (where rank = {rank}) as "Rank {rank}"' for rank in ranks)
    rows = published.rows(
        f'select source as "Source"{counts} from final_recommendations group by source order by count(*) desc, source'
    )
    table(rows, Source=source)


def show_changes(published: Published) -> None:
    """Show how many positions changed with this run, by reason."""
    st.header("What changed, and why")
    rows = published.rows(
        """
        select why as "Why", count(*) filter (where change = 'new') as "New",
            count(*) filter (where change = 'gone') as "Gone", count(*) filter (where change = 'moved') as "Moved"
        from recommendation_changes
        where run_id = $run
        group by why
        order by count(*) desc, why
        limit 20
        """,
        run=published.run.run_id,
    )
    if not rows:
        st.write("This run changed no list, or it is the first run.")
        return
    table(rows)


def show_input(published: Published) -> None:
    """Show how much of the input the run used. Rejected rows themselves never leave the warehouse."""
    st.header("Input data")
    rows = published.rows(
        'select input_table as "Table", rows_read as "Rows read", rows_accepted as "Accepted", '
        'rows_rejected as "Rejected" from build_run_rows where run_id = $run order by input_table',
        run=published.run.run_id,
    )
    if rows:
        table(rows, Table=lambda name: name.replace("_", " ").capitalize())
    findings = published.rows("from input_findings order by row_count desc, source_table, kind, subject limit 20")
    if not findings:
        st.write("No findings in the input.")
    for finding in findings:
        st.markdown(f"- {plain(finding['sentence'])}")
    if any(row["Rejected"] for row in rows):
        st.caption("The warehouse table build.rejected_rows has each rejected row with its reason.")


def show_runs(published: Published) -> None:
    """Show the last runs in the published run log."""
    st.header("Recent runs")
    rows = published.rows(
        'select started_at as "Started", outcome as "Outcome", as_of_date as "Lists for", '
        'round_even(duration_seconds, 0)::bigint as "Seconds", reason as "Reason" '
        f"from build_runs order by started_at desc, run_id limit {LAST_RUNS}"
    )
    table(rows, Started=moment, **{"Lists for": lambda value: day(value) if value else ""})
    st.caption("Up to the run that you see. The warehouse also has later runs that were not published.")


NDCG = (
    "NDCG is 1 if each list begins with what its customer then bought, and 0 if no list has any of it; hits in upper "
    "positions count more."
)
ERROR = "Absolute error: the sum of each customer's absolute difference between forecast and actual sales; 0 is best."
# Part of the back-test, what its numbers mean, and its measures with their heading and format.
MEASURED = [
    ("New products", NDCG, {"ndcg": ("NDCG of five products", ".3f"), "hit_rate": ("Customers with a hit", ".1%")}),
    (
        "Products bought again",
        NDCG,
        {"reorder_ndcg": ("NDCG of ten products", ".3f"), "reorder_hit_rate": ("Customers with a hit", ".1%")},
    ),
    (
        "Sales forecast for four weeks",
        ERROR,
        {
            "forecast_bias": ("Forecast ÷ actual", ".2f"),
            "forecast_error": ("Absolute error ÷ actual", ".2f"),
            "forecast_top_fifth": ("Share of actual sales from the 20% with the highest forecasts", ".1%"),
        },
    ),
]
# Method of the back-test -> its name.
METHODS = {**WORDS, **REORDERS, **FORECASTS}
CHANCES = {"offer": "First purchase within 56 days", "reorder": "Repeat purchase within 28 days"}


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
        st.write(
            "This page has no back-test yet. (Results of make backtest are in the folder backtest/.) To make one "
            "here, run dbt build once with the parameter as_of_date, a date at least 90 days before your newest "
            "invoice; then run it without. In between, this app shows the lists of that date. See "
            "docs/which-ranker.md."
        )
        return
    st.write(
        f"Lists of {day(rows[0]['as_of_date'])}, measured by what customers bought in the "
        f"{rows[0]['evaluation_days']} days after. New products count the first purchases of "
        f"{count(max(row['customers'] for row in rows if row['measure'] == 'ndcg'), 'customer')}."
    )
    for part, meaning, names in MEASURED:
        found = [row for row in rows if row["measure"] in names]
        if found:
            st.subheader(part)
            st.caption(meaning)
            measured_table(found, names)
    show_tenths(published)


def measured_table(rows: list[dict], names: dict[str, tuple[str, str]]) -> None:
    """Draw methods with their values and intervals, the best by the first measure on top. names: as in MEASURED."""
    first = next(iter(names))
    by_method: dict[str, dict] = {}
    for row in sorted(rows, key=lambda row: list(names).index(row["measure"])):
        method = METHODS.get(row["method"], row["method"])
        of_method = by_method.setdefault(method, {"method": f"{method[0].upper()}{method[1:]}"})
        of_method[row["measure"]] = interval(row, names[row["measure"]][1])
        if row["measure"] == first:
            of_method |= {name: row[name] for name in ("value", "value_low", "value_high")}
    found = list(by_method.values())
    if found[0]["value_low"] is not None:
        intervals(found, "method", "value", f"{names[first][0]}, with 95% interval", ".2f")
    table(found, {"method": "Method", **{measure: heading for measure, (heading, _) in names.items()}})


def show_tenths(published: Published) -> None:
    """Show whether chances hold: each kind in ten groups, the least likely first."""
    rows = published.rows(
        "from backtest_calibration where as_of_date = (select max(as_of_date) from backtest_calibration) order by tenth"
    )
    for kind, words in CHANCES.items():
        found = [row for row in rows if row["kind"] == kind]
        if found:
            st.subheader(f"Are the predicted chances right? {words}")
            predicted_and_happened(found)
            table(
                found,
                {"tenth": "Decile", "places": "Pairs", "predicted": "Predicted", "found": "Happened", "holds": "Holds"},
                predicted=lambda value: share(value, 1),
                found=lambda value: share(value, 1),
                holds=lambda value: "yes" if value else "no",
            )


def interval(row: dict, form: str) -> str:
    """Write a measure with the bounds of its interval, if it has any."""
    bounds = "" if row["value_low"] is None else f" ({row['value_low']:{form}} to {row['value_high']:{form}})"
    return f"{row['value']:{form}}{bounds}"
