"""The user's own files: what is read, what is refused, and what the message says."""

from datetime import date, timedelta

import pytest
from conftest import Build, dbt
from input_files import INVOICES, PRODUCTS, write_files
from test_publishing import LISTED, UNLISTED


def test_without_feedback_nothing_is_rated_and_customers_get_what_the_catalog_still_has(tmp_path):
    """The first five customers own two or three of the five products."""
    build = dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path / "data", products=PRODUCTS[:6]))
    assert build.success, build.messages
    shown = dict(build.rows("select customer_id, count(*) from final_recommendations group by 1"))
    assert shown == {"001": 2, "002": 2, "003": 2, "004": 2, "005": 3, "006": 5}
    assert build.rows("select count(rating) from final_recommendations") == [(0,)]


def test_parameters_count_and_a_product_that_must_never_be_shown_is_not_shown_and_another_one_is(tmp_path):
    variables = {
        "never_recommend": ["P1", "P\u200b4", "it's"],
        "recommendations_per_customer": 3,
        "min_rule_customers": 5,
    }
    build = dbt(tmp_path / "build", "run", data_dir=write_files(tmp_path / "data"), variables=variables)
    assert build.success, build.messages
    shown = "select count(*), count(*) filter (where recommended_product in ('P1', 'P4')) from final_recommendations"
    assert build.rows(f"{shown} where customer_id = '006'") == [(3, 0)] and build.rows(shown)[0][1] == 0
    assert build.rows("select min(customers_with_both) from associations") == [(5,)]
    assert build.rows("select row_count, sentence from input_findings where kind like '%never_recommend'") == [
        (0, "products: never_recommend names it's, which is not a product_id.")
    ]


@pytest.fixture(scope="module")
def builds(tmp_path_factory) -> dict[str, Build]:
    """A day's build with what was known on it, and with what is known today; and today's own."""
    folder, today = tmp_path_factory.mktemp("builds"), date.today()
    later = [*INVOICES, ["L1", "001", "P8", "5", "2024-04-10"], ["L2", "006", "P2", "5", "2024-04-10"]]
    before = [["customer_id", "product_id", "rating", "rated_at"], ["002", "P4", "High", "2024-03-01"]]
    feedback = [*before, *[["001", product, "Low", "2024-04-01"] for product in ("P5", "P6", "P7")]]
    feedback += [["003", "P4", "Low", f"{today}T00:00:01Z"], ["003", "P5", "Low", f"{today + timedelta(days=1)}"]]
    then = write_files(folder / "then", feedback=before)
    now = write_files(folder / "now", invoices=later, feedback=feedback)
    as_of = {"as_of_date": "2024-03-01"}
    builds = {
        "then": dbt(folder / "a", "run", data_dir=then, variables=as_of),
        "back": dbt(folder / "b", "run", data_dir=now, variables=as_of),
        "today": dbt(folder / "c", "run", data_dir=now),
    }
    assert all(build.success for build in builds.values()), builds["back"].messages
    return builds


def test_an_earlier_as_of_date_makes_the_tables_that_were_possible_then(builds):
    """Every public table: a rating or a line of later days may show in what was read, and nowhere else."""
    then, back = builds["then"], builds["back"]
    known = {
        "stg_invoice_lines": "where invoice_date <= date '2024-03-01'",
        "stg_ratings": "where rated_at <= date '2024-03-01'",
    }
    public = {
        table for (table,) in then.rows("select table_name from information_schema.tables where table_schema = 'build'")
    }
    public = public & (LISTED | UNLISTED) - {"recommendation_changes"}
    assert {"recommendation_candidates", "current_ratings", "final_recommendations", *known} <= public
    # Which run showed a list first, and when it began, are its own.
    of_the_run = "'first_run_id', 'last_run_id', 'first_published_at', 'ended_at'"
    for name in sorted(public - {"run_comparison"}):
        columns = f"columns(name -> name not in ({of_the_run}))"
        query = f"select {columns} from build.{name} {known.get(name, '')} order by all"
        assert then.rows(query) == back.rows(query), name
    assert back.rows("select count(*) from stg_ratings") == [(6,)]


def test_a_rating_of_today_counts_today_and_one_of_tomorrow_does_not(builds):
    """The newest invoice is of 2024. With an as-of date, ratings after it are unknown."""
    now = builds["today"]
    assert now.rows("select product_id, rating from current_ratings where customer_id = '003'") == [("P4", "Low")]
    assert now.rows("select as_of_date::varchar, ratings_until from as_of") == [("2024-04-10", date.today())]
    assert now.rows(
        "select count(*) filter (where recommended_product = 'P4'), count(*) filter (where recommended_product = 'P5') "
        "from final_recommendations where customer_id = '003'"
    ) == [(0, 1)]
    assert builds["back"].rows("select customer_id, product_id from current_ratings") == [("002", "P4")]
