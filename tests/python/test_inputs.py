"""The user's own files: what is read, what is refused, and what the message says."""

from conftest import built
from input_files import INVOICES, PRODUCTS, write_files
from test_publishing import LISTED, UNLISTED


def test_without_feedback_nothing_is_rated_and_customers_get_what_the_catalog_still_has(tmp_path):
    """The first five customers own two or three of the five products."""
    build = built(tmp_path / "build", "build", data_dir=write_files(tmp_path / "data", products=PRODUCTS[:6]))
    shown = dict(build.rows("select customer_id, count(*) from final_recommendations group by 1"))
    assert shown == {"001": 2, "002": 2, "003": 2, "004": 2, "005": 3, "006": 5}
    assert build.rows("select count(rating) from final_recommendations") == [(0,)]


def test_an_earlier_as_of_date_makes_the_tables_that_were_possible_then(tmp_path):
    """Every public table: a rating or a line of later days may show in what was read, and nowhere else."""
    later = [*INVOICES, ["L1", "001", "P8", "5", "2024-04-10"], ["L2", "006", "P2", "5", "2024-04-10"]]
    before = [["customer_id", "product_id", "rating", "rated_at"], ["002", "P4", "High", "2024-03-01"]]
    feedback = [*before, *[["001", product, "Low", "2024-04-01"] for product in ("P5", "P6", "P7")]]
    then, back = (
        built(tmp_path / day, "run", data_dir=write_files(tmp_path / f"data {day}", **tables),
              variables={"as_of_date": "2024-03-01"})
        for day, tables in {"then": {"feedback": before}, "now": {"invoices": later, "feedback": feedback}}.items()
    )  # fmt: skip
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
    assert back.rows("select count(*) from stg_ratings") == [(4,)]
    assert back.rows("select customer_id, product_id from current_ratings") == [("002", "P4")]
