"""Write, audit, publish, with whole builds: what readers get of a run, and that it changes as a whole or not at all.

Every case of it stands, on tiny tables, in test_published_sets.py, test_one_moment.py (kills) and test_runs.py; what is
unusual about a figure in cases/run_comparison.yml. That an accepted change is published: test_impact.py.
"""

import csv
import inspect
import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import duckdb
import pandas
import pytest
import yaml
from conftest import PROJECT, PUBLIC_TABLES, Build, dbt
from input_files import write_world

from ipre.ratings.events import RatingEvent, utc_text
from ipre.ratings.store import RatingStore

# Published models, and those that other stages may read and readers do not get.
LISTED = {
    "account_brief", "account_managers", "adoption_metrics", "adoptions", "as_of", "associations",
    "backtest_calibration", "backtest_metrics", "cluster_profiles", "current_ratings", "customer_clusters",
    "final_recommendations", "input_findings", "lost_products", "market_basket", "market_basket_by_category",
    "product_numbers", "product_targets",
    "rating_calibration", "recommendation_changes", "recommendation_metrics", "recommendations", "reorder_weights",
    "reorders_due", "shown_ledger", "uplift",
}  # fmt: skip
UNLISTED = {
    "known_ratings", "recommendation_candidates", "rejected_rows", "run_comparison",
    "stg_invoice_lines", "stg_list_openings", "stg_overrides", "stg_products", "stg_ratings",
}  # fmt: skip
# For other stages alone, in numbers.
INNER = {
    "comparison_groups", "closed_pairs", "customer_numbers", "list_positions", "overridden_pairs", "popularity",
    "purchases", "reorder_chances", "rules",
}  # fmt: skip
PUBLISHED = LISTED | {"build_runs", "build_run_rows"}
SECRET = "the customer is in trouble"
# Ids that would be SQL, a path, a template or a formula if somebody let them.
WILD = ["=cmd", "'); drop table stg_customers; --", '"; select 1; --', "../../x", "{{ 1/0 }}"]

# A distributor of 240 customers and its exports of two days.
REGIONS = [f"Region {number:02}" for number in range(1, 21)]
TRADES = ["Painting", "Roofing"]
CUSTOMERS = [
    [f"C{number:03}", f"Customer {number}", REGIONS[number % 20], TRADES[number // 20 % 2]] for number in range(240)
]
WILD_CUSTOMERS = [[customer, f"{customer} Ltd", REGIONS[0], TRADES[0]] for customer in WILD]
PRODUCTS = [[f"P{number:02}", f"Product {number}", f"Department {number % 3}", "Aisle"] for number in range(20)]


def line(customer: str, number: int, day: int, quantity: int = 5) -> list[str]:
    """One invoice line: what customers of one trade buy, and something that only some of them do."""
    one = int(customer[1:])
    product = (10 * (one // 20 % 2) + number) if number < 6 else (one + 3 * number) % 20
    day = date(2024, 1, 1) + timedelta(days=day)
    return [f"I{customer}{number}", customer, f"P{product:02}", str(quantity), str(day)]


LINES = [line(row[0], number, (int(row[0][1:]) + 12 * number) % 100) for row in CUSTOMERS for number in range(10)]
LINES += [[f"R{row[0]}", row[0], line(row[0], 0, 0)[2], "-1", "2024-04-09"] for row in CUSTOMERS[::5]]
LINES += [["Q", customer, "P01", "1", "2024-03-01"] for customer in WILD]
FIRST = {
    "customers": CUSTOMERS + WILD_CUSTOMERS,
    "products": PRODUCTS,
    "invoices": [*LINES, ["X", "C001", "P01", SECRET, "2024-03-01"]],
    "feedback": [[f"C{number:03}", "P19", "Low", "", SECRET] for number in range(0, 240, 6)],
}
NEW = [["C900", "New Ltd", "Region 01", "Painting"], ["C901", "Newer", "Region 02", "Roofing"]]
# Two days of orders, new customers and a product, ratings, and a customer that is gone.
LATER = {
    "customers": FIRST["customers"][1:] + NEW,
    "products": [*PRODUCTS, ["P90", "New product", "Department 1", "Aisle"]],
    "invoices": [row for row in FIRST["invoices"] if row[1] != "C000"]
    + [line(row[0], 3, 100 + number % 2, 7) for number, row in enumerate([*NEW, *CUSTOMERS[1:60]])],
    "feedback": FIRST["feedback"][1:] + [[f"C{number:03}", "P18", "High", "", ""] for number in range(1, 240, 4)],
}


def seen(build: Build) -> dict:
    """Everything that readers see: the warehouse's tables, the files, the serving file."""
    tables = {}
    for name, path in {"warehouse": build.warehouse, "serving": build.published / "ipre_serving.duckdb"}.items():
        with duckdb.connect(str(path), read_only=True) as connection:
            for table in sorted(LISTED):
                tables[name, table] = connection.execute(f"select * from main.{table} order by all").fetchall()
    return tables | {path.name: path.read_bytes() for path in sorted(build.published.iterdir()) if path.is_file()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> SimpleNamespace:
    """Commands in one warehouse, one after the other: what each said, and what readers saw after it.

    A build that is refused, a first one, a cut export, an ordinary one, a part, and back to the first.
    """
    folder, after = tmp_path_factory.mktemp("publishing"), {}
    url = f"sqlite:///{folder}/ratings/ratings.sqlite"
    with RatingStore.open(url, data_kind="own") as store:
        an_hour_ago = utc_text(datetime.now(UTC) - timedelta(hours=1))
        for customer in ("C007", "gone"):
            store.save(RatingEvent(customer, "P15", "Low", "Ada", "app", comment=SECRET, rated_at=an_hour_ago))

    def run(*command: str, **tables) -> Build:
        data = write_world(folder / "data", **FIRST | tables)
        build = dbt(folder / "build", *command, data_dir=data, IPRE_RATINGS_URL=url)
        after[len(after)] = seen(build)
        return build

    refused = dbt(folder / "build", "build", data_dir=folder / SECRET)
    assert not refused.success and not refused.statuses
    first = run("build")
    assert first.success, first.messages
    cut = run("build", invoices=LINES[::10])
    ordinary = run("build", **LATER)
    assert ordinary.success, ordinary.messages
    part = run("run", "--select", "+stg_products", **LATER)
    assert part.success, part.messages
    back = run("run-operation", "roll_back")
    assert back.success, back.messages
    log = back.rows("select command, outcome, reason, published_run_id from build_runs order by started_at", "main")
    return SimpleNamespace(cut=cut, ordinary=ordinary, back=back, log=log, after=after)


def test_no_test_stands_behind_a_published_table(demo_build):
    """Tests run on what feeds them: nothing that dbt builds or tests lies in the schema that readers see."""
    manifest = demo_build.manifest
    nodes = manifest["nodes"] | manifest["sources"]
    models = [node for node in nodes.values() if node["resource_type"] == "model"]
    public = {node["alias"]: node["schema"] for node in models if node["access"] == "public"}
    assert set(public) == LISTED | UNLISTED | INNER and set(public.values()) == {"build"}
    assert {node["alias"] for node in models if node["config"]["meta"].get("published")} == LISTED
    assert {node["schema"] for node in models if node["access"] != "public"} == {"helpers"}
    tests = [node for node in nodes.values() if node["resource_type"] == "test"]
    tested = {nodes[name]["schema"] for test in tests for name in test["depends_on"]["nodes"]}
    assert tests and tested <= {"build", "helpers", "demo", "input"}
    assert set(PUBLIC_TABLES) <= PUBLISHED


def test_readers_get_every_public_table_in_every_form_and_nothing_else(runs):
    with duckdb.connect(str(runs.back.warehouse), read_only=True) as warehouse:
        names = warehouse.execute("select table_name from information_schema.tables where table_schema = 'main'")
        assert {name for (name,) in names.fetchall()} == PUBLISHED
        warehouse.execute(f"attach '{runs.back.published}/ipre_serving.duckdb' as serving (read_only)")
        for name in PUBLISHED:
            # Reasons of a run that was refused are for the warehouse alone.
            columns = "* exclude (reason)" if name == "build_runs" else "*"
            rows, file, served = (
                warehouse.execute(f"select {columns} from {table} order by all").fetchall()
                for table in (f"main.{name}", f"'{runs.back.published}/{name}.parquet'", f"serving.{name}")
            )
            assert rows == file == served, name
        served = "from duckdb_{}() where database_name = 'serving' and not internal"
        names = warehouse.execute(f"select schema_name, table_name {served.format('tables')}").fetchall()
        assert set(names) == {("main", name) for name in PUBLISHED}
        assert warehouse.execute(f"select * {served.format('views')}").fetchall() == []
        # In a format that every DuckDB 1 reads, and with a comment on every column.
        [(tags,)] = warehouse.execute(f"select tags {served.format('databases')}").fetchall()
        assert tags["storage_version"].startswith("v1.0.0")
        [(columns, comments)] = warehouse.execute(
            f"select count(*), count(comment) {served.format('columns')}"
        ).fetchall()
        assert columns == comments > 100
    assert {path.name for path in runs.back.published.iterdir() if not path.name.startswith(".")} == {
        *(f"{name}.parquet" for name in PUBLISHED),
        "final_recommendations.csv",
        "ipre_serving.duckdb",
        "current",
        "sets",
    }


def test_what_readers_must_not_get_is_in_no_published_file(runs):
    """Rejected rows, comments, invoice lines and paths of the server, which errors quote, too."""
    assert SECRET in str(runs.back.rows("select row_values from rejected_rows"))
    for kind in ("null", "not null"):
        assert SECRET in str(runs.back.rows(f"select comment from stg_ratings where event_id is {kind}"))
    assert SECRET in str(runs.back.rows("select reason from build_runs", "main"))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{runs.back.published}/ipre_serving.duckdb' as serving (read_only)")
        files = [f"serving.main.{name}" for name in PUBLISHED]
        files += [f"read_parquet('{path}')" for path in runs.back.published.glob("*.parquet")]
        files += [f"read_csv('{path}')" for path in runs.back.published.glob("*.csv")]
        assert len(files) == 2 * len(PUBLISHED) + 1
        for file in files:
            found = connection.execute(f"from {file}")
            assert not {"comment", "row_values"} & {name for name, *_ in found.description}
            text = str(found.fetchall())
            assert SECRET not in text and str(runs.back.warehouse.parent) not in text and str(PROJECT) not in text, file


def test_values_are_never_part_of_sql_or_of_a_path(runs):
    names = dict(runs.back.rows("select distinct customer_id, customer_name from final_recommendations", "main"))
    assert {customer: names[customer] for customer in WILD} == {customer: f"{customer} Ltd" for customer in WILD}


def test_the_csv_file_holds_the_lists_in_reading_order_and_every_reader_of_csv_reads_it_alike(runs):
    path = runs.back.published / "final_recommendations.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcustomer_id,")
    assert path.read_bytes().count(b"\xef\xbb\xbf") == 1 and "→".encode() in path.read_bytes()
    with duckdb.connect() as connection:
        published = connection.read_parquet(str(path.with_suffix(".parquet")))
        columns, reasons = published.columns, [row[0] for row in published.select("reason").fetchall()]
        read = connection.read_csv(str(path))
        assert read.columns == columns and [row[0] for row in read.select("reason").fetchall()] == reasons
    for frame in (pandas.read_csv(path), pytest.importorskip("polars").read_csv(path)):
        assert list(frame.columns) == columns and list(frame["reason"]) == reasons
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["reason"] for row in rows] == reasons
    assert [int(row["rank"]) for row in rows] == [1, 2, 3, 4, 5] * len(FIRST["customers"])
    plain = [row["customer_id"] for row in rows if row["customer_id"][1:].isdigit()]
    assert plain == sorted(plain) and len(plain) == 5 * len(CUSTOMERS)


def test_the_run_log_tells_what_a_run_read_found_and_was_told(runs):
    """Of the run that was rolled back to."""
    [refused, row, *_] = runs.back.rows(
        "select command, outcome, published_run_id = run_id, clusters = (select count(*) from cluster_profiles), "
        "recommendations, as_of_date::varchar, duration_seconds > 0, finished_at > started_at, "
        "rules = (select count(*) from associations), parameters, data_kind, data_door, reason "
        "from build_runs order by started_at",
        "main",
    )
    assert refused[:2] == ("build", "refused") and SECRET in refused[-1]
    assert row[:9] == ("build", "published", True, True, 5 * len(FIRST["customers"]), "2024-04-09", True, True, True)
    parameters = json.loads(row[9])
    assert parameters["min_support"] == 0.05 and "data_dir" not in parameters
    assert row[10:] == ("own", "files", None)
    assert runs.back.rows("select data_kind from as_of", "main") == [("own",)]


def test_an_unusual_change_stops_publication_and_is_told_with_what_the_figure_was_and_is(runs):
    """An export that was cut to a tenth."""
    assert not runs.cut.success and runs.after[1] == runs.after[0]
    command, outcome, reason, _ = runs.log[2]
    assert (command, outcome) == ("build", "failed")
    assert reason.startswith("unusual changes since the last published run: ") and "\n" not in reason
    assert "invoices_accepted went from 2,453 to 246 (-90.0%), more than max_rows_lost (0.02) allows" in reason
    assert f"ipre: nothing was published; readers still see what they saw before. Reason: {reason}" in runs.cut.messages


def test_an_ordinary_run_is_published_and_compared_with_what_was_published_last(runs):
    """Not with the run that was stopped."""
    compared = "select bool_and(is_compared), max(new_date - previous_date) from run_comparison"
    assert runs.ordinary.rows(compared) == [(True, 2)]
    lists = [key for key in runs.after[0] if "final_recommendations" in str(key)]
    assert lists and all(runs.after[2][key] != runs.after[0][key] for key in lists)


def test_a_rating_of_the_store_counts_and_one_of_nobody_is_a_rejected_row_and_stops_nothing(runs):
    """When and how long ratings count: the unit tests of models/ratings."""
    counts = "select rating, channel, rated_by from current_ratings where customer_id = 'C007' and product_id = 'P15'"
    assert runs.ordinary.rows(counts, "main") == [("Low", "app", "Ada")]
    rejected = "select reason from rejected_rows where source_table = 'rating_events'"
    assert runs.ordinary.rows(rejected) == [("customer_id is not among the accepted customers",)]
    counted = "select distinct rows_read, rows_rejected from build_run_rows where input_table = 'rating_events'"
    assert runs.ordinary.rows(counted, "main") == [(2, 1)]


# Tables that a roll-back leaves as they are.
KEPT = {"recommendation_changes", "recommendation_changes.parquet", "build_runs.parquet", "build_run_rows.parquet"}


def test_a_command_that_builds_a_part_publishes_nothing_and_a_roll_back_gives_back_the_run_before(runs):
    assert runs.after[3] == runs.after[2]
    assert "ipre: rolled back to " in runs.back.messages
    for key in runs.after[0]:
        if not set(key if isinstance(key, tuple) else [key]) & {"ipre_serving.duckdb", *KEPT}:
            assert runs.after[4][key] == runs.after[0][key], key
    changes = ("warehouse", "recommendation_changes")
    assert runs.after[4][changes] == runs.after[2][changes] != []
    assert [(command, outcome) for command, outcome, *_ in runs.log] == [
        ("build", "refused"), ("build", "published"), ("build", "failed"), ("build", "published"),
        ("run", "not published"), ("roll_back", "rolled back"),
    ]  # fmt: skip
    assert runs.log[-1][2].endswith(runs.log[1][3])


def test_what_macros_call_of_dbts_adapter_is_there():
    """What macros/run.sql stands on is documented nowhere (DECISIONS, "Rules are SQL")."""
    from dbt.adapters.duckdb import DuckDBAdapter

    assert "store_relation" in DuckDBAdapter._available_
    asked = list(inspect.signature(DuckDBAdapter.store_relation).parameters)
    assert asked == ["self", "plugin_name", "relation", "column_list", "path", "format", "config"]


def test_nothing_is_reported_to_anybody():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())
    assert project["flags"]["send_anonymous_usage_stats"] is False
