"""The user's own files: what is read, what is refused, and what the message says."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from conftest import dbt
from input_files import BAD_LINES, CUSTOMERS, INVOICES, PRODUCTS, write_files
from test_publishing import LISTED, UNLISTED

from ipre.run import input_counts


def with_rows(rows, *more):
    return [*rows, *more]


def test_a_refused_input_changes_no_table(tmp_path):
    data = write_files(tmp_path / "data")
    assert dbt(tmp_path / "build", "run", data_dir=data).success
    (data / "invoices.csv").unlink()
    broken = dbt(tmp_path / "build", "run", data_dir=data)
    assert not broken.success
    assert broken.rows("select count(distinct customer_id) from final_recommendations") == [(6,)]


def test_without_feedback_nothing_is_rated_and_everybody_is_served(tmp_path):
    build = dbt(tmp_path / "build", "build", data_dir=write_files(tmp_path))
    assert build.success, build.messages
    assert build.rows("select count(*), count(rating) from final_recommendations") == [(30, 0)]


def test_extra_columns_are_ignored_and_their_order_does_not_matter(tmp_path):
    plain = dbt(tmp_path / "plain", "run", data_dir=write_files(tmp_path / "data"))
    turned = [[*reversed(row), "note"] for row in INVOICES]
    other = dbt(tmp_path / "other", "run", data_dir=write_files(tmp_path / "turned", invoices=turned))
    assert plain.success and other.success, other.messages
    assert plain.table("final_recommendations") == other.table("final_recommendations")


@pytest.mark.parametrize("name", ["with space", "o'brien", "[a]*?", "Größe 20V"])
def test_a_folder_may_have_any_name(tmp_path, name):
    build = dbt(tmp_path / "build", "run", data_dir=write_files(tmp_path / name))
    assert build.success, build.messages
    assert build.rows("select count(*) from final_recommendations") == [(30,)]


def test_ids_keep_their_leading_zeros(tmp_path):
    build = dbt(tmp_path / "build", "run", data_dir=write_files(tmp_path / "data"))
    assert build.rows("select min(customer_id) from final_recommendations") == [("001",)]


def test_every_untrusted_row_is_rejected_with_its_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(input_counts, "MAX_AMBIGUOUS_SHARE", 1)
    data = write_files(
        tmp_path / "data",
        customers=with_rows(
            CUSTOMERS,
            ["", "No id", "North", "Painting"],
            ["008", "", "North", "Painting"],
            ["001", "Customer 1 again", "South", "Roofing"],
        ),
        products=with_rows(PRODUCTS, ["P9", "No category", " ", "Interior"], ["P1", "Product 1", "Paints", "Interior"]),
        invoices=with_rows(
            INVOICES,
            *BAD_LINES,
            INVOICES[1],
        ),
        feedback=[
            ["customer_id", "product_id", "rating", "rated_at"],
            ["001", "P5", "HIGH", "2024-02-01"],
            ["001", "P6", "great", "2024-02-01"],
            ["001", "P7", "low", "yesterday"],
            ["999", "P7", "low", ""],
        ],
    )
    build = dbt(
        tmp_path / "build",
        "build",
        data_dir=data,
        variables={"max_rejected_share": 0.8},
    )
    assert build.success, build.messages
    first = len(INVOICES)
    assert build.rows("select source_table, row_number, reason from rejected_rows order by all") == [
        ("customers", 7, "customer_id is missing"),
        ("customers", 8, "customer_name is missing"),
        ("customers", 9, "duplicate customer_id, another row with it was kept"),
        ("feedback", 2, "rating is not High, Medium or Low"),
        ("feedback", 3, "rated_at is not a date (YYYY-MM-DD)"),
        ("feedback", 4, "customer_id is not among the accepted customers"),
        ("invoices", first, "invoice_id is missing"),
        ("invoices", first + 1, "customer_id is not among the accepted customers"),
        ("invoices", first + 2, "product_id is not among the accepted products"),
        ("invoices", first + 3, "quantity is not a number"),
        ("invoices", first + 4, "quantity is not a number"),
        ("invoices", first + 5, "quantity is not a number"),
        ("invoices", first + 6, "quantity is 0"),
        ("invoices", first + 7, "invoice_date is not a date (YYYY-MM-DD)"),
        ("invoices", first + 8, "invoice_date is not a date (YYYY-MM-DD)"),
        ("invoices", first + 9, "quantity is missing"),
        ("invoices", first + 10, "exact duplicate of an earlier line"),
        ("products", 9, "l2_category is missing"),
        ("products", 10, "duplicate product_id, another row with it was kept"),
    ]
    assert build.rows(
        f"select row_values from rejected_rows where row_number = {first + 3} and source_table = 'invoices'"
    ) == [('{"invoice_id":"X3","customer_id":"001","product_id":"P1","quantity":"many","invoice_date":"2024-03-01"}',)]
    assert build.rows("select rating from stg_feedback") == [("High",)]


def test_names_with_quotes_commas_and_other_scripts_arrive_as_written(tmp_path):
    name = 'Núñez "Roof", Söhne; 3/4\' {0} — 屋根'
    data = write_files(tmp_path / "data", customers=[CUSTOMERS[0], ["001", name, "North", "Painting"], *CUSTOMERS[2:]])
    build = dbt(tmp_path / "build", "run", data_dir=data)
    assert build.success, build.messages
    assert build.rows("select distinct customer_name from final_recommendations where customer_id = '001'") == [(name,)]


def test_customers_get_what_the_catalogue_still_has(tmp_path):
    few = PRODUCTS[:6]  # five products; the first five customers own two or three of them
    build = dbt(
        tmp_path / "build",
        "build",
        data_dir=write_files(tmp_path, products=few),
    )
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
    later = with_rows(INVOICES, ["L1", "001", "P8", "5", "2024-05-01"], ["L2", "006", "P2", "5", "2024-05-01"])
    before = [["customer_id", "product_id", "rating", "rated_at"], ["002", "P4", "High", "2024-03-01"]]
    feedback = [*before, *[["001", product, "Low", "2024-04-01"] for product in ("P4", "P5", "P6", "P7", "P8")]]
    as_of = {"as_of_date": "2024-03-01"}
    data = write_files(tmp_path / "data", feedback=before)
    then = dbt(tmp_path / "then", "build", data_dir=data, variables=as_of)
    data = write_files(tmp_path / "later", invoices=later, feedback=feedback)
    back = dbt(tmp_path / "back", "build", data_dir=data, variables=as_of)
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


def test_of_two_ratings_the_one_given_later_counts_wherever_it_was_given(tmp_path):
    zones = ["", "Z", " UTC", "+01", "-0500", "+05:30", " -08:00"]
    times = [
        f"2024-02-01{sep}{time}{zone}" for sep in " T" for time in ("9:05", "22:50", "22:50:26.5") for zone in zones
    ]
    feedback = [["customer_id", "product_id", "rating", "rated_at"]]
    feedback += [["001", f"P{n}", "High", text] for n, text in enumerate(times)]
    products = [PRODUCTS[0], *[[f"P{n}", f"Product {n}", "Paints", "Interior"] for n in range(len(times))]]
    data = write_files(tmp_path / "data", products=products, feedback=feedback)
    build = dbt(tmp_path / "build", "run", "--select", "+stg_feedback", data_dir=data)
    assert build.success, build.messages
    found = build.rows("select rated_at, rated_at_utc from stg_feedback order by row_number")
    assert len(found) == len(times)
    for text, (written, utc) in zip(times, found, strict=True):
        padded = text.replace(" UTC", "Z").replace("T9", "T09").replace(" 9", " 09")
        expected = datetime.fromisoformat(re.sub(r" ([+-])", r"\1", padded))
        assert written == expected.replace(tzinfo=None), text
        assert utc == (expected.astimezone(UTC).replace(tzinfo=None) if expected.tzinfo else written), text
