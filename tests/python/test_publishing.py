"""Write, audit, publish, with whole builds: what readers get of a run, and that it changes as a whole or not at all.

Every case of it stands, on tiny tables, in test_published_sets.py, test_one_moment.py (kills) and test_runs.py.
"""

import csv
import inspect
import json
import shutil
from pathlib import Path

import duckdb
import pandas
import pytest
from conftest import PROJECT, PUBLIC_TABLES, Build, dbt
from input_files import CUSTOMERS, FEEDBACK, INVOICES, write_files

BUILD = ("build",)
# Published models, and those that other rooms may read and readers do not get.
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
# For other rooms alone, in numbers.
INNER = {
    "comparison_groups", "closed_pairs", "customer_numbers", "list_positions", "overridden_pairs", "popularity",
    "purchases", "reorder_chances", "rules",
}  # fmt: skip
PUBLISHED = LISTED | {"build_runs", "build_run_rows"}
SECRET = "the customer is in trouble"
# Ids that would be SQL, a path, a template or a formula if somebody let them.
WILD = ["=cmd", "'); drop table stg_customers; --", '"; select 1; --', "../../x", "{{ 1/0 }}"]
TONIGHT = {
    "customers": [*CUSTOMERS, *[[customer, f"{customer} Ltd", "North", "Painting"] for customer in WILD]],
    "invoices": [
        *INVOICES,
        *[["Q", customer, "P1", "1", "2024-03-01"] for customer in WILD],
        ["X", "001", "P1", SECRET, "2024-03-01"],
    ],
    "feedback": [FEEDBACK[0], [*FEEDBACK[1][:4], SECRET], *FEEDBACK[2:]],
}
LINES = len(TONIGHT["invoices"]) - 2
LATER = [*TONIGHT["invoices"], ["L1", "001", "P8", "5", "2024-03-09"], ["L2", "006", "P1", "2", "2024-03-09"]]


@pytest.fixture(scope="module")
def first_night(tmp_path_factory) -> Path:
    """A folder with data and one published build, after one that was refused; to be copied."""
    folder = tmp_path_factory.mktemp("first_night")
    refused = dbt(folder / "build", *BUILD, data_dir=folder / SECRET)
    assert not refused.success and not refused.statuses
    build = dbt(folder / "build", *BUILD, data_dir=write_files(folder / "data", **TONIGHT))
    assert build.success, build.messages
    return folder


@pytest.fixture
def night(first_night) -> Path:
    """A copy of it, for the nights after: always the same folder, because dbt parses anew for every other path."""
    folder = first_night.parent / "night"
    for part in ("data", "build/published", "build/ipre.duckdb", "build/ipre.duckdb.tmp", "build/ipre.duckdb.wal"):
        path = folder / part
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if (first_night / part).is_dir():
            shutil.copytree(first_night / part, path, symlinks=True)
        elif (first_night / part).exists():
            shutil.copy(first_night / part, path)
    return folder


def run(night: Path, *arguments: str, **settings) -> Build:
    """One more dbt command in that folder."""
    return dbt(night / "build", *(arguments or BUILD), **{"data_dir": night / "data"} | settings)


def seen(night: Path) -> dict:
    """Everything that readers see: the warehouse's tables, the files, the serving file."""
    build = night / "build"
    tables = {}
    for name, path in {
        "warehouse": build / "ipre.duckdb",
        "serving": build / "published" / "ipre_serving.duckdb",
    }.items():
        with duckdb.connect(str(path), read_only=True) as connection:
            for table in sorted(LISTED):
                tables[name, table] = connection.execute(f"select * from main.{table} order by all").fetchall()
    folder = build / "published"
    return tables | {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def runs(night: Path) -> list[tuple]:
    with duckdb.connect(str(night / "build" / "ipre.duckdb"), read_only=True) as connection:
        return connection.execute("select command, outcome, reason from build_runs order by started_at").fetchall()


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


def test_readers_get_every_public_table_in_every_form(first_night):
    build = first_night / "build"
    with duckdb.connect(str(build / "ipre.duckdb"), read_only=True) as warehouse:
        names = warehouse.execute("select table_name from information_schema.tables where table_schema = 'main'")
        assert {name for (name,) in names.fetchall()} == PUBLISHED
        for name in PUBLISHED:
            # Reasons of a run that was refused are for the warehouse alone.
            columns = "* exclude (reason)" if name == "build_runs" else "*"
            rows = warehouse.execute(f"select {columns} from main.{name} order by all").fetchall()
            file = build / "published" / f"{name}.parquet"
            assert warehouse.execute(f"select {columns} from '{file}' order by all").fetchall() == rows, name
            with duckdb.connect(str(build / "published" / "ipre_serving.duckdb"), read_only=True) as serving:
                assert serving.execute(f"select {columns} from {name} order by all").fetchall() == rows, name
    assert {path.name for path in (build / "published").iterdir() if not path.name.startswith(".")} == {
        *(f"{name}.parquet" for name in PUBLISHED),
        "final_recommendations.csv",
        "ipre_serving.duckdb",
        "current",
        "sets",
    }


def test_what_readers_must_not_get_is_in_no_published_file(first_night):
    """Rejected rows, comments, invoice lines and paths of the server, which errors quote, too."""
    warehouse, published = first_night / "build" / "ipre.duckdb", first_night / "build" / "published"
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def rows(query: str) -> str:
            return str(connection.execute(query).fetchall())

        assert SECRET in rows("select row_values from build.rejected_rows")
        assert SECRET in rows("select comment from build.stg_ratings")
        assert SECRET in rows("select reason from main.build_runs")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published / 'ipre_serving.duckdb'}' as serving (read_only)")
        files = [f"serving.main.{name}" for name in PUBLISHED]
        files += [f"read_parquet('{path}')" for path in published.glob("*.parquet")]
        files += [f"read_csv('{path}')" for path in published.glob("*.csv")]
        assert len(files) == 2 * len(PUBLISHED) + 1
        for file in files:
            found = connection.execute(f"from {file}")
            assert not {"comment", "row_values"} & {name for name, *_ in found.description}
            text = str(found.fetchall())
            assert SECRET not in text and str(first_night) not in text and str(PROJECT) not in text, file


def test_values_are_never_part_of_sql_or_of_a_path(first_night):
    path = first_night / "build" / "published" / "final_recommendations.parquet"
    with duckdb.connect() as connection:
        names = dict(connection.execute(f"select distinct customer_id, customer_name from '{path}'").fetchall())
    assert {customer: names[customer] for customer in WILD} == {customer: f"{customer} Ltd" for customer in WILD}


def test_the_csv_file_holds_the_lists_in_reading_order(first_night):
    with (first_night / "build" / "published" / "final_recommendations.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert [int(row["rank"]) for row in rows] == [1, 2, 3, 4, 5] * (len(TONIGHT["customers"]) - 1)
    plain = [row["customer_id"] for row in rows if row["customer_id"].isdigit()]
    assert plain == sorted(plain) and len(plain) == 5 * (len(CUSTOMERS) - 1)


def test_the_csv_file_opens_in_a_spreadsheet_and_in_every_reader_of_csv_alike(first_night):
    path = first_night / "build" / "published" / "final_recommendations.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcustomer_id,")
    assert path.read_bytes().count(b"\xef\xbb\xbf") == 1 and "→".encode() in path.read_bytes()
    with duckdb.connect() as connection:
        published = connection.read_parquet(str(path.with_suffix(".parquet")))
        columns, reasons = published.columns, [row[0] for row in published.select("reason").fetchall()]
        read = connection.read_csv(str(path))
        assert read.columns == columns and [row[0] for row in read.select("reason").fetchall()] == reasons
    frame = pandas.read_csv(path)
    assert list(frame.columns) == columns and list(frame["reason"]) == reasons
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert [row["reason"] for row in csv.DictReader(file)] == reasons
    frame = pytest.importorskip("polars").read_csv(path)
    assert frame.columns == columns and frame["reason"].to_list() == reasons


def test_the_serving_file_holds_public_tables_only_in_a_format_that_every_duckdb_1_reads(first_night):
    with duckdb.connect() as connection:
        path = first_night / "build" / "published" / "ipre_serving.duckdb"
        connection.execute(f"attach '{path}' as serving (read_only)")
        schemas = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'serving' "
            "union all "
            "select schema_name, view_name from duckdb_views() where database_name = 'serving' and not internal"
        ).fetchall()
        assert set(schemas) == {("main", name) for name in PUBLISHED}
        [(tags,)] = connection.execute("select tags from duckdb_databases() where database_name = 'serving'").fetchall()
        assert tags["storage_version"].startswith("v1.0.0")
        described = connection.execute(
            "select count(*), count(comment) from duckdb_columns() where database_name = 'serving'"
        )
        [(columns, comments)] = described.fetchall()
        assert columns == comments > 100


def test_the_run_log_tells_what_a_run_read_found_and_was_told(first_night):
    with duckdb.connect(str(first_night / "build" / "ipre.duckdb"), read_only=True) as connection:

        def rows(query: str) -> list[tuple]:
            return connection.execute(query).fetchall()

        [refused, row] = rows(
            "select command, outcome, published_run_id = run_id, clusters, recommendations, as_of_date::varchar, "
            "duration_seconds > 0, finished_at > started_at, rules = (select count(*) from associations), parameters, "
            "data_kind, data_door, reason from build_runs order by started_at"
        )
        assert refused[:2] == ("build", "refused") and SECRET in refused[-1]
        assert row[:9] == ("build", "published", True, 1, 5 * 11, "2024-03-01", True, True, True)
        parameters = json.loads(row[9])
        assert parameters["min_support"] == 0.05 and "data_dir" not in parameters
        assert row[10:] == ("own", "files", None)
        assert rows("select data_kind from main.as_of") == [("own",)]
        counts = rows("select input_table, rows_read, rows_accepted, rows_rejected from build_run_rows")
        assert {name: tuple(numbers) for name, *numbers in counts} == dict.fromkeys(
            ["overrides", "account_managers", "rating_events", "list_openings"], (0, 0, 0)
        ) | {
            "customers": (11, 11, 0), "products": (8, 8, 0), "feedback": (1, 1, 0),
            "invoices": (LINES + 1, LINES, 1),
        }  # fmt: skip


def test_night_after_night_readers_see_what_held(night):
    """A night that holds, a command that builds a part, and the way back; one that does not hold is in
    test_a_night_unlike_the_last.py."""
    before = seen(night)
    [(first,)] = runs_published(night)
    write_files(night / "data", **TONIGHT | {"invoices": LATER})
    good = run(night)
    assert good.success, good.messages
    after = seen(night)
    assert all(after[key] != before[key] for key in before if "final_recommendations" in str(key))
    assert [outcome for _, outcome, _ in runs(night)] == ["refused", "published", "published"]
    changes = good.rows(
        "select customer_id, recommended_product from recommendation_changes where change = 'gone'", "main"
    )
    assert {("001", "P8"), ("006", "P1")} <= set(changes)  # They bought it.

    assert run(night, "run", "--select", "+stg_products").success
    assert seen(night) == after and runs(night)[-1][:2] == ("run", "not published")

    rolled = run(night, "run-operation", "roll_back")
    assert rolled.success, rolled.messages
    assert "ipre: rolled back to " in rolled.messages
    back = seen(night)
    for key in before:
        if not set(key if isinstance(key, tuple) else [key]) & {"ipre_serving.duckdb", *KEPT}:
            assert back[key] == before[key], key
    assert back["warehouse", "recommendation_changes"] == after["warehouse", "recommendation_changes"] != []
    assert runs(night)[-1][:2] == ("roll_back", "rolled back") and runs(night)[-1][2].endswith(first)


# Tables that a roll-back leaves as they are.
KEPT = {"recommendation_changes", "recommendation_changes.parquet", "build_runs.parquet", "build_run_rows.parquet"}


def runs_published(night: Path) -> list[tuple]:
    """The runs that were published."""
    with duckdb.connect(str(night / "build" / "ipre.duckdb"), read_only=True) as connection:
        return connection.execute("select run_id from main.build_runs where outcome = 'published'").fetchall()


def test_the_door_from_macros_to_the_plugin_is_there():
    """What macros/run.sql stands on is documented nowhere (DECISIONS, "Rules are SQL")."""
    from dbt.adapters.duckdb import DuckDBAdapter

    assert "store_relation" in DuckDBAdapter._available_
    asked = list(inspect.signature(DuckDBAdapter.store_relation).parameters)
    assert asked == ["self", "plugin_name", "relation", "column_list", "path", "format", "config"]


def test_nothing_is_reported_to_anybody():
    import yaml

    assert yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["flags"]["send_anonymous_usage_stats"] is False


def test_the_public_tables_of_the_tests_are_published():
    assert set(PUBLIC_TABLES) <= PUBLISHED
