"""The user's own files: what is read, what is refused, and what the message says."""

from datetime import date, timedelta

import pytest
from conftest import Build, dbt
from input_files import INVOICES, PRODUCTS, write_files
from test_publishing import LISTED, UNLISTED


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Build:
    """The tiny distributor without feedback, built and tested."""
    folder = tmp_path_factory.mktemp("plain")
    build = dbt(folder / "build", "build", data_dir=write_files(folder / "data"))
    assert build.success, build.messages
    return build


def test_without_feedback_nothing_is_rated_and_everybody_is_served(plain):
    assert plain.rows("select count(*), count(rating) from final_recommendations") == [(30, 0)]


def test_a_refused_input_changes_no_table(plain, tmp_path):
    broken = dbt(plain.warehouse.parent, "run", data_dir=write_files(tmp_path, invoices=None))
    assert not broken.success
    assert broken.rows("select count(distinct customer_id) from final_recommendations") == [(6,)]


def test_customers_get_what_the_catalogue_still_has(tmp_path):
    few = PRODUCTS[:6]  # five products; the first five customers own two or three of them
    build = dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path, products=few))
    assert build.success, build.messages
    shown = dict(build.rows("select customer_id, count(*) from final_recommendations group by 1"))
    assert shown == {"001": 2, "002": 2, "003": 2, "004": 2, "005": 3, "006": 5}


def test_a_product_that_must_never_be_shown_is_not_shown_and_its_place_is_filled(tmp_path):
    data = write_files(tmp_path / "data")
    build = dbt(tmp_path / "build", "run", data_dir=data, variables={"never_recommend": ["P1", "P4", "it's"]})
    assert build.success, build.messages
    assert build.rows("select count(*) from final_recommendations where recommended_product in ('P1', 'P4')") == [(0,)]
    assert build.rows("select count(*) from final_recommendations where customer_id = '006'") == [(5,)]


def test_an_earlier_as_of_date_makes_the_tables_that_were_possible_then(tmp_path):
    """Every public table: a rating or a line of later days may show in what was read, and nowhere else."""
    later = [*INVOICES, ["L1", "001", "P8", "5", "2024-05-01"], ["L2", "006", "P2", "5", "2024-05-01"]]
    before = [["customer_id", "product_id", "rating", "rated_at"], ["002", "P4", "High", "2024-03-01"]]
    feedback = [*before, *[["001", product, "Low", "2024-04-01"] for product in ("P4", "P5", "P6", "P7", "P8")]]
    as_of = {"as_of_date": "2024-03-01"}
    data = write_files(tmp_path / "data", feedback=before)
    then = dbt(tmp_path / "then", "run", data_dir=data, variables=as_of)
    data = write_files(tmp_path / "later", invoices=later, feedback=feedback)
    back = dbt(tmp_path / "back", "run", data_dir=data, variables=as_of)
    assert then.success and back.success, back.messages
    known = {
        "stg_invoice_lines": "where invoice_date <= date '2024-03-01'",
        "stg_feedback": "where rated_at <= date '2024-03-01'",
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
    assert back.rows("select count(*) from stg_feedback") == [(6,)]


def test_a_rating_of_today_counts_tonight_and_one_of_tomorrow_does_not(tmp_path):
    """The newest invoice is of 2024. With an as-of date, ratings after it are unknown as before."""
    today = date.today()
    feedback = [["customer_id", "product_id", "rating", "rated_at"]]
    feedback += [["001", "P4", "Low", f"{today}T00:00:01Z"], ["001", "P5", "Low", f"{today + timedelta(days=1)}"]]
    data = write_files(tmp_path / "data", feedback=feedback)
    tonight = dbt(tmp_path / "build", "run", data_dir=data)
    assert tonight.success, tonight.messages
    assert tonight.rows("select product_id, rating from current_ratings") == [("P4", "Low")]
    assert tonight.rows("select as_of_date::varchar, ratings_until from as_of") == [("2024-03-01", today)]
    assert tonight.rows(
        "select count(*) filter (where recommended_product = 'P4'), count(*) filter (where recommended_product = 'P5') "
        "from final_recommendations where customer_id = '001'"
    ) == [(0, 1)]
    back = dbt(tmp_path / "build", "run", data_dir=data, variables={"as_of_date": "2024-03-01"})
    assert back.success, back.messages
    assert back.rows("select count(*) from current_ratings") == [(0,)]
