"""Write, audit, publish: what readers see changes as a whole when everything held, and not at all otherwise."""

import csv
import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas
import pytest
from conftest import PROJECT, PUBLIC_TABLES, Build, dbt
from input_files import CUSTOMERS, FEEDBACK, INVOICES, PRODUCTS, write_files

from ipre.run.published_folder import PublishedFolder
from ipre.run.warehouse import Refused

BUILD = ("build",)
# Published models, and those that other rooms may read and readers do not get.
LISTED = {
    "account_brief", "account_managers", "adoption_metrics", "adoptions", "as_of", "associations", "backtest_metrics",
    "cluster_profiles", "current_ratings", "customer_clusters", "final_recommendations", "input_findings",
    "lost_products", "market_basket", "market_basket_by_category", "rating_calibration", "recommendation_changes",
    "recommendation_metrics", "recommendations", "reorders_due", "run_comparison", "shown_ledger", "uplift",
}  # fmt: skip
UNLISTED = {
    "known_ratings", "recommendation_candidates", "rejected_rows", "stg_customers", "stg_feedback", "stg_invoice_lines",
    "stg_list_openings", "stg_overrides", "stg_products", "stg_rating_events",
}  # fmt: skip
# For other rooms alone, in numbers.
INNER = {
    "comparison_groups", "customer_numbers", "excluded_pairs", "known_orders", "pinned_pairs", "popularity",
    "product_numbers", "rules",
}  # fmt: skip
PUBLISHED = LISTED | {"build_runs"}
LATER = [*INVOICES, ["L1", "001", "P8", "5", "2024-03-09"], ["L2", "006", "P1", "2", "2024-03-09"]]


@pytest.fixture(scope="module")
def first_night(tmp_path_factory) -> Path:
    """A folder with data and one published build, to be copied."""
    folder = tmp_path_factory.mktemp("first_night")
    build = dbt(folder / "build", *BUILD, data_dir=write_files(folder / "data", feedback=FEEDBACK))
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


def project_with(folder: Path, test: str) -> Path:
    """The project with one more data test."""
    ignored = shutil.ignore_patterns(".*", "target", "logs", "published", "*.duckdb", "demo", "python", "__pycache__")
    shutil.copytree(PROJECT, folder, ignore=ignored)
    (folder / "tests" / "data" / "deliberate.sql").write_text(test)
    return folder


def test_no_test_stands_behind_a_published_table():
    """Tests run on what feeds them: nothing that dbt builds or tests lies in the schema that readers see."""
    from dbt.cli.main import dbtRunner

    manifest = (
        dbtRunner().invoke(["parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet"]).result
    )
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    assert {node.alias for node in models if node.access == "public"} == LISTED | UNLISTED | INNER
    assert {node.alias for node in models if node.config.meta.get("published")} == LISTED
    assert {node.schema for node in models if node.access == "public"} == {"build"}
    assert {node.schema for node in models if node.access != "public"} == {"helpers"}
    tests = [node for node in manifest.nodes.values() if node.resource_type == "test"]
    tested = {manifest.expect(name).schema for test in tests for name in test.depends_on.nodes}
    assert tests and tested <= {"build", "helpers", "demo", "input"}


def test_readers_get_every_public_table_in_every_form(first_night):
    build = first_night / "build"
    with duckdb.connect(str(build / "ipre.duckdb"), read_only=True) as warehouse:
        names = warehouse.execute("select table_name from information_schema.tables where table_schema = 'main'")
        assert {name for (name,) in names.fetchall()} == PUBLISHED
        for name in PUBLISHED:
            rows = warehouse.execute(f"select * from main.{name} order by all").fetchall()
            file = build / "published" / f"{name}.parquet"
            assert warehouse.execute(f"select * from read_parquet('{file}') order by all").fetchall() == rows, name
            with duckdb.connect(str(build / "published" / "ipre_serving.duckdb"), read_only=True) as serving:
                assert serving.execute(f"select * from {name} order by all").fetchall() == rows, name
    assert {path.name for path in (build / "published").iterdir() if not path.name.startswith(".")} == {
        *(f"{name}.parquet" for name in PUBLISHED),
        "final_recommendations.csv",
        "ipre_serving.duckdb",
        "current",
        "current.columns",
        "sets",
    }


def test_what_readers_must_not_get_is_in_no_published_file(night):
    """Rejected rows, comments, invoice lines and paths of the server, which errors quote, too."""
    secret = "the customer is in trouble"
    feedback = [FEEDBACK[0], [*FEEDBACK[1][:4], secret], *FEEDBACK[2:]]
    write_files(night / "data", invoices=[*INVOICES, ["X", "001", "P1", secret, "2024-03-01"]], feedback=feedback)
    assert not run(night, data_dir=night / secret).success
    build = run(night)
    assert build.success, build.messages
    assert build.rows(
        "select count(*) from rejected_rows where contains(rejected_rows::varchar, ?)".replace("?", f"'{secret}'")
    ) == [(1,)]
    assert secret in str(build.rows("select comment from stg_feedback"))
    assert str(night) in str(build.rows("select reason from build_runs", "main"))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build.published / 'ipre_serving.duckdb'}' as serving (read_only)")
        files = [f"serving.main.{name}" for name in PUBLISHED]
        files += [f"read_parquet('{path}')" for path in build.published.glob("*.parquet")]
        files += [f"read_csv('{path}')" for path in build.published.glob("*.csv")]
        assert len(files) == 2 * len(PUBLISHED) + 1
        for file in files:
            rows = connection.execute(f"from {file}")
            assert not {"comment", "row_values"} & {name for name, *_ in rows.description}
            text = str(rows.fetchall())
            assert secret not in text and str(night) not in text and str(PROJECT) not in text, file


def test_the_csv_file_holds_the_lists_in_reading_order(first_night):
    with (first_night / "build" / "published" / "final_recommendations.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert [(row["customer_id"], int(row["rank"])) for row in rows] == [
        (customer, rank) for customer in ("001", "002", "003", "004", "005", "006") for rank in (1, 2, 3, 4, 5)
    ]


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


def test_polars_reads_the_csv_file(first_night):
    polars = pytest.importorskip("polars")
    frame = polars.read_csv(first_night / "build" / "published" / "final_recommendations.csv")
    assert frame.columns[0] == "customer_id" and len(frame) == 30


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


@pytest.mark.parametrize(
    "test",
    [
        "select 'staging' as stage from {{ ref('stg_customers') }}",
        "select 'the last table' as stage from {{ ref('recommendation_changes') }} "
        "right join {{ ref('recommendation_metrics') }} on true",
    ],
    ids=["at the start of the pipeline", "at its end"],
)
def test_with_a_failing_test_readers_keep_the_last_good_run(night, tmp_path, test):
    before = seen(night)
    write_files(night / "data", invoices=LATER, feedback=FEEDBACK)
    bad = run(night, project=project_with(tmp_path / "project", test))
    assert not bad.success
    assert bad.statuses["deliberate"] == "fail"
    assert seen(night) == before
    command, outcome, reason = runs(night)[-1]
    assert (command, outcome) == ("build", "failed")
    assert reason.startswith("test deliberate: Got ")
    assert "ipre: nothing was published, readers still see what they saw. Reason: test deliberate" in bad.messages

    good = run(night)
    assert good.success, good.messages
    after = seen(night)
    assert all(after[key] != before[key] for key in before if "final_recommendations" in str(key))
    assert [outcome for _, outcome, _ in runs(night)] == ["published", "failed", "published"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("build", "--select", "+stg_products", "--indirect-selection", "cautious"),
        ("build", "--exclude", "associations__lift_is_above_0", "--exclude-resource-type", "unit_test"),
        ("build", "--empty", "--exclude-resource-types", "unit_test", "--exclude-resource-types", "test"),
    ],
    ids=" ".join,
)
def test_only_a_whole_build_publishes(night, arguments):
    before = seen(night)
    write_files(night / "data", invoices=LATER, feedback=FEEDBACK)
    run(night, *arguments)
    assert seen(night) == before
    assert runs(night)[-1][:2] == (arguments[0], "not published")


def test_cells_that_a_spreadsheet_would_run_are_harmless_in_the_csv_file_and_as_written_elsewhere(night):
    names = {"P4": "=1+1", "P5": "+49 Nail", "P6": "-5 mm", "P7": "@sum(a1)", "P8": "a;=cmd|' /c calc'!a1"}
    products = [PRODUCTS[0], *[[row[0], names.get(row[0], row[1]), *row[2:]] for row in PRODUCTS[1:]]]
    write_files(night / "data", products=products)
    build = run(night)
    assert build.success, build.messages
    with (build.published / "final_recommendations.csv").open(encoding="utf-8-sig", newline="") as file:
        shown = {row["recommended_product"]: row["product_name"] for row in csv.DictReader(file)}
    assert {key: shown[key] for key in names} == {
        "P4": "'=1+1", "P5": "'+49 Nail", "P6": "'-5 mm", "P7": "'@sum(a1)", "P8": "a;'=cmd|' /c calc'!a1",
    }  # fmt: skip
    written = dict(build.rows("select distinct recommended_product, product_name from final_recommendations", "main"))
    assert {key: written[key] for key in names} == names


def test_old_sets_go_and_the_one_that_readers_see_stays(night):
    published = night / "build" / "published"
    first = (published / "current").readlink()
    for _ in range(2):
        assert run(night, variables={"keep_published_sets": 2}).success
    sets = sorted(path.name for path in (published / "sets").iterdir())
    assert len(sets) == 2 and first.name not in sets
    assert (published / "current").readlink().name == sets[-1]


def test_a_roll_back_gives_readers_the_run_before_until_the_next_build(night):
    before = seen(night)
    [first] = sorted_sets(night)
    write_files(night / "data", invoices=LATER, feedback=FEEDBACK)
    assert run(night).success
    after = seen(night)
    newest = sorted_sets(night)[-1]
    rolled = run(night, "run-operation", "roll_back")
    assert rolled.success, rolled.messages
    back = seen(night)
    for key in before:
        if "recommendation_changes" not in str(key) and key not in ("ipre_serving.duckdb", "build_runs.parquet"):
            assert back[key] == before[key], key
    assert back["warehouse", "recommendation_changes"] == after["warehouse", "recommendation_changes"] != []
    assert runs(night)[-1] == ("roll_back", "rolled back", f"to {first}")
    assert agreement(night) == first

    # Not back to the lists that it came from.
    nothing = run(night, "run-operation", "roll_back")
    assert not nothing.success
    assert "ipre roll_back: there is no earlier set in" in nothing.messages
    # A set that a version without this table left.
    (night / "build" / "published" / "sets" / newest / "run_comparison.parquet").unlink()
    to_newest = run(night, "run-operation", "roll_back", "--args", json.dumps({"to": newest.partition("-")[2]}))
    assert to_newest.success, to_newest.messages
    assert to_newest.rows("select count(*) from run_comparison", "main") == [(0,)]
    assert seen(night)["final_recommendations.csv"] == after["final_recommendations.csv"]
    assert agreement(night) == newest
    # The lists before the newest ones, whatever was shown in between.
    assert run(night, "run-operation", "roll_back").success
    assert agreement(night) == first
    assert run(night).success
    assert runs(night)[-1][1] == "published"


def agreement(night: Path) -> str:
    """The set whose lists warehouse, files and log say that readers see; they must say the same."""
    build = night / "build"
    log = "select run_id, published_run_id from {} where published_run_id is not null order by finished_at desc limit 1"
    told = set()
    for path in (build / "ipre.duckdb", build / "published" / "ipre_serving.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            told.add(connection.execute(log.format("main.build_runs")).fetchall()[0])
    with duckdb.connect() as connection:
        told.add(connection.execute(log.format(f"'{build / 'published' / 'build_runs.parquet'}'")).fetchall()[0])
        file = f"'{build / 'published' / 'final_recommendations.parquet'}'"
        assert (
            connection.execute(f"from {file} order by all").fetchall()
            == seen(night)["warehouse", "final_recommendations"]
        )
    [(run_id, lists)] = told
    assert (build / "published" / "current").readlink().name.endswith(run_id)
    return next((name for name in sorted_sets(night) if name.endswith(lists)), lists)


def sorted_sets(night: Path) -> list[str]:
    return sorted(path.name for path in (night / "build" / "published" / "sets").iterdir())


def test_changes_say_what_changed_for_whom_and_why_and_are_kept(night):
    write_files(night / "data", invoices=LATER, feedback=[*FEEDBACK, ["002", "P5", "Low", "2024-03-05", ""]])
    second = run(night)
    assert second.success, second.messages
    changes = second.rows(
        "select customer_id, recommended_product, change, why from recommendation_changes "
        "where change in ('new', 'gone')",
        "main",
    )
    assert ("001", "P8", "gone", "the customer has bought it") in changes
    assert ("006", "P1", "gone", "the customer has bought it") in changes
    [(first_run, second_run)] = second.rows(
        "select distinct previous_run_id, run_id from recommendation_changes", "main"
    )
    assert second.rows("select run_id from build_runs order by started_at", "main") == [(first_run,), (second_run,)]
    third = run(night)
    assert third.success
    kept = third.rows("select distinct run_id from recommendation_changes", "main")
    assert kept == [(second_run,)]  # nothing changed in the third run, and nothing of the second was lost
    fewer = run(night, variables={"keep_changes_of_runs": 1})
    assert fewer.rows("select count(*) from recommendation_changes", "main") == [(0,)]


def test_the_run_log_tells_what_a_run_read_found_and_was_told(night):
    write_files(night / "data", invoices=[*INVOICES, ["X", "001", "P1", "many", "2024-03-01"]], feedback=FEEDBACK)
    build = run(night, variables={"min_support": 0.07})
    assert build.success, build.messages
    [row] = build.rows(
        "select command, outcome, reason, published_run_id = run_id, invoices_read, invoices_accepted, "
        "invoices_rejected, customers_read, feedback_read, clusters, recommendations, as_of_date::varchar, "
        "duration_seconds > 0, finished_at > started_at, parameters, rules "
        "from build_runs order by started_at desc limit 1",
        "main",
    )
    lines = len(INVOICES) - 1
    assert row[:14] == ("build", "published", None, True, lines + 1, lines, 1, 6, 1, 1, 30, "2024-03-01", True, True)
    assert row[15] == build.rows("select count(*) from associations")[0][0] > 0
    parameters = json.loads(row[14])
    assert parameters["min_support"] == 0.07 and parameters["recommendations_per_customer"] == 5
    assert "data_dir" not in parameters
    described = yaml_columns("models/monitoring/_run_log.yml")
    with duckdb.connect(str(build.warehouse), read_only=True) as connection:
        assert described == [name for name, *_ in connection.execute("describe main.build_runs").fetchall()]


def yaml_columns(path: str) -> list[str]:
    import yaml

    [table] = yaml.safe_load((PROJECT / path).read_text())["sources"][0]["tables"]
    return [column["name"] for column in table["columns"]]


def test_a_refused_run_is_in_the_run_log_and_changes_nothing_for_readers(night):
    before = seen(night)
    assert not run(night, variables={"min_support": 7}).success
    (night / "data" / "invoices.csv").unlink()
    assert not run(night).success
    assert seen(night) == before
    assert [outcome for _, outcome, _ in runs(night)] == ["published", "refused", "refused"]
    assert "min_support must be a number from 0 to 1; got '7'" in runs(night)[1][2]
    assert "invoices.csv (or .parquet) is missing" in runs(night)[2][2]


def outside(night: Path, *arguments: str, **popen) -> subprocess.Popen:
    """A dbt command in a process of its own."""
    environment = {
        **os.environ,
        "IPRE_WAREHOUSE": str(night / "build" / "ipre.duckdb"),
        "IPRE_PUBLISH_DIR": str(night / "build" / "published"),
        "IPRE_DATA_DIR": str(night / "data"),
        "DBT_TARGET_PATH": str(night / "build" / "target_outside"),
        "DBT_LOG_PATH": str(night / "build" / "logs_outside"),
    }
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *(arguments or BUILD), "--no-write-json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=PROJECT, env=environment, **pipes, **popen)


def test_while_another_process_has_the_warehouse_a_build_stops_with_one_line_and_later_it_works(night):
    before = seen(night)
    path = night / "build" / "ipre.duckdb"
    code = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1], read_only=True); print(flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as reader:
        reader.stdout.readline()
        blocked = run(night)
        reader.kill()
    assert not blocked.success
    assert f"ipre warehouse: {path} is open in process {reader.pid} (python" in blocked.messages
    assert "Traceback" not in blocked.messages
    assert seen(night) == before
    assert run(night).success


@pytest.mark.parametrize("name", ["build.duckdb", "main.db"])
def test_a_warehouse_that_is_called_as_a_schema_in_it_is_refused(night, name):
    refused = run(night, IPRE_WAREHOUSE=night / "build" / name)
    assert not refused.success
    assert f"a schema in it is called {Path(name).stem}" in refused.messages


def test_readers_of_the_published_files_never_stand_in_a_builds_way(night):
    with duckdb.connect(str(night / "build" / "published" / "ipre_serving.duckdb"), read_only=True) as reader:
        before = reader.execute("from final_recommendations order by all").fetchall()
        write_files(night / "data", invoices=LATER, feedback=FEEDBACK)
        build = run(night)
        assert build.success, build.messages
        assert reader.execute("from final_recommendations order by all").fetchall() == before
    with duckdb.connect(str(night / "build" / "published" / "ipre_serving.duckdb"), read_only=True) as reader:
        assert reader.execute("from final_recommendations order by all").fetchall() != before


def test_a_folder_that_cannot_be_written_stops_a_build_before_it_starts(night):
    before = seen(night)
    (night / "file").write_text("not a folder")
    build = run(night, IPRE_PUBLISH_DIR=night / "file")
    assert not build.success
    assert (
        f"ipre: the folder {night / 'file'} for published files cannot be written (Not a directory)" in build.messages
    )
    assert "stg_customers" not in build.statuses
    assert seen(night) == before


def test_a_foreign_file_under_a_published_name_is_left_alone_and_named(night):
    foreign = night / "build" / "published" / "final_recommendations.csv"
    foreign.unlink()
    foreign.write_text("my own notes")
    build = run(night)
    assert not build.success
    assert f"ipre could not publish: {foreign} is not a file of ipre's. Move it away" in build.messages
    assert foreign.read_text() == "my own notes"
    assert runs(night)[-1][1] == "failed"


SET_1, SET_2 = (f"2026010{day}T020000Z-0000000{day}-0000-4000-8000-000000000000" for day in (1, 2))


@pytest.fixture
def folder(tmp_path) -> PublishedFolder:
    """A folder with two published sets of one file."""
    folder = PublishedFolder(tmp_path / "published")
    folder.check()
    for name in (SET_1, SET_2):
        (folder.sets / name).mkdir()
        (folder.sets / name / "a.csv").write_text(name)
        folder.link_names(["a.csv"])
        folder.show(name)
    return folder


def test_foreign_files_links_and_folders_beside_the_published_ones_stay(folder):
    foreign_links = {"mine": "elsewhere", "b.csv": "current/c.csv", ".current-notes": "nowhere", "old": "sets/gone"}
    for name, target in foreign_links.items():
        (folder.root / name).symlink_to(target)
    foreign_sets = [f"{SET_1}.backup", "20250101T000000Z-by-hand", "notes", ".unfinished-thoughts"]
    for name in foreign_sets:
        (folder.sets / name).mkdir()
        (folder.sets / name / "text").write_text("mine")
    (folder.sets / SET_1.replace("1-0000", "9-0000")).symlink_to(folder.root.parent)
    (folder.root / ".lock").write_text("mine")
    folder.check()
    with folder.locked(), folder.new_set():
        folder.link_names(["a.csv"])
        folder.show(SET_2)
        folder.tidy(1)
    assert {name: str((folder.root / name).readlink()) for name in foreign_links} == foreign_links
    assert all((folder.sets / name / "text").read_text() == "mine" for name in foreign_sets)
    assert (folder.root / ".lock").read_text() == "mine"
    assert folder.kept_sets() == [SET_2] and folder.shown() == SET_2


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[(name, kind) for name in ("a.csv", "current", "sets") for kind in ("file", "link to a file", "dead link")],
        *[(name, "folder") for name in ("a.csv", "current")],
    ],
)
def test_a_name_that_something_foreign_has_taken_is_refused_and_it_stays(folder, name, kind):
    taken = folder.root / name
    taken.rename(folder.root / "aside")
    (folder.root / "notes").write_text("mine")
    if kind == "folder":
        taken.mkdir()
    elif kind == "file":
        taken.write_text("mine")
    else:
        taken.symlink_to("notes" if kind == "link to a file" else "nowhere")
    before = os.lstat(taken)
    with pytest.raises(Refused, match=f"{name} is not a file of ipre's. Move it away, or set IPRE_PUBLISH_DIR"):
        folder.link_names(["a.csv"])
    if name != "a.csv":  # What every set needs is looked at before a run starts.
        with pytest.raises(Refused, match="is not a file of ipre's"):
            folder.check()
    assert os.lstat(taken) == before


def test_what_killed_processes_left_aside_is_cleared(folder):
    (folder.root / ".current-1").symlink_to(f"sets/{SET_1}")
    (folder.root / ".probe-1").symlink_to("sets")
    (folder.sets / ".unfinished-1").mkdir()
    folder.check()
    assert sorted(path.name for path in folder.root.iterdir()) == [
        ".lock",
        "a.csv",
        "current",
        "current.columns",
        "sets",
    ]
    assert sorted(path.name for path in folder.sets.iterdir()) == [SET_1, SET_2]


def test_a_warehouse_among_the_published_files_is_refused(folder):
    with pytest.raises(Refused, match=r"a published file[.] Name another one"):
        folder.check_is_not_built_in(folder.root / "a.csv")
    folder.check_is_not_built_in(folder.root / "ipre.duckdb")


@pytest.mark.parametrize("path", ["what?", "s3://bucket/published"])
def test_a_folder_that_duckdb_cannot_write_to_is_refused_before_a_run_starts(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="in IPRE_PUBLISH_DIR"):
        PublishedFolder(Path(path)).check()
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_readers_what_they_had_and_the_next_build_recovers(night):
    """A limit on the size of files stands for a full disk: every write behind it fails."""
    import resource

    before = seen(night)
    limit = 3_000_000  # below the size of the serving file and of the warehouse
    build = outside(
        night, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    )
    output, _ = build.communicate(timeout=300)
    assert build.returncode != 0
    assert "File too large" in output, output[-3000:]
    assert "Traceback" not in output
    assert seen(night) == before
    assert run(night).success
    assert [outcome for _, outcome, _ in runs(night)] == ["published", "failed", "published"]
    assert "File too large" in runs(night)[1][2]


def test_after_a_kill_the_next_build_recovers_and_says_so(night):
    before = seen(night)
    build = outside(night)
    for line in build.stdout:
        if "OK created" in line and "market_basket" in line:
            break
    build.send_signal(signal.SIGKILL)
    build.wait()
    (night / "build" / "ipre.duckdb.tmp").mkdir(exist_ok=True)
    spilled = night / "build" / "ipre.duckdb.tmp" / "duckdb_temp_storage_DEFAULT-0.tmp"
    spilled.write_bytes(b"left behind")
    assert seen(night) == before
    after = run(night)
    assert after.success, after.messages
    assert [outcome for _, outcome, _ in runs(night)] == ["published", "interrupted", "published"]
    assert not spilled.exists()


def test_a_tilde_that_no_shell_has_replaced_means_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert PublishedFolder(Path("~/published")).root == tmp_path / "published"


def test_paths_and_names_may_hold_nearly_any_sign(tmp_path):
    folder = tmp_path / 'o\'brien "x" [a]* ; drop 100%20 ü {x}'
    data = write_files(folder / "data")
    warehouse, published = folder / "select.2 ü's.duckdb", folder / "no #1"
    for _ in range(2):
        build = dbt(folder / "build", *BUILD, data_dir=data, IPRE_WAREHOUSE=warehouse, IPRE_PUBLISH_DIR=published)
        assert build.success, build.messages
    for path in (warehouse, published / "ipre_serving.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            assert connection.execute("select count(*) from main.final_recommendations").fetchall() == [(30,)]


def test_a_warehouse_of_version_1_is_taken_over(tmp_path):
    """Version 1.0 built its tables in main and its inputs as views."""
    data = write_files(tmp_path / "data")
    (tmp_path / "build").mkdir()
    with duckdb.connect(str(tmp_path / "build" / "ipre.duckdb")) as old:
        old.execute("create schema input; create view input.customers as select 1 as old")
        old.execute("create table main.market_basket as select 1 as old")
        old.execute(
            "create table main.final_recommendations as select '001' as customer_id, 'P9' as recommended_product, "
            "'Old' as product_name, null::varchar as triggered_by, 'x' as source, null::varchar as rating, 1 as rank, "
            "0.5::double as score, 0.5::double as support, 0.5::double as confidence, 0.5::double as recency, "
            "date '2024-02-01' as as_of_date"
        )
    build = dbt(tmp_path / "build", *BUILD, data_dir=data)
    assert build.success, build.messages
    assert build.rows("select count(*) from market_basket", "main") == [(len(INVOICES) - 1,)]
    assert build.rows(
        "select recommended_product, previous_run_id from recommendation_changes where change = 'gone'"
    ) == [("P9", "unknown")]
    assert build.rows("select distinct why from recommendation_changes where change = 'new'") == [
        ("the customer is new",), ("the lists before were made by an earlier version",),
    ]  # fmt: skip
    assert build.rows("select distinct not_compared_because from run_comparison") == [
        ("the version that built the published run had no figures",)
    ]


def test_a_warehouse_with_renamed_tables_behind_its_views_is_taken_over(night):
    """As the versions between 1.0 and this one left it: tables that were renamed, and a table for the run log."""
    [lists] = sorted_sets(night)
    with duckdb.connect(str(night / "build" / "ipre.duckdb")) as old:
        for name in sorted(LISTED | UNLISTED):
            old.execute(f"alter table build.{name} rename to {name}__published")
            old.execute(f"create view build.{name} as from build.{name}__published")
            old.execute(f"create or replace view main.{name} as from build.{name}__published")
        # A table that is no longer a model at all.
        old.execute("create table build.former__published as select 1 as x")
        old.execute("create view build.former as from build.former__published")
        old.execute("create view main.former as from build.former__published")
        old.execute("create table log as from main.build_runs; drop view main.build_runs; drop table build.run_notes")
        old.execute("alter table log rename to build_runs; alter table build_runs drop column data_kind")
        old.execute('update build_runs set parameters = \'{"data_dir": "/srv/export", "min_support": 0.05}\'')
    before = seen(night)
    assert not run(night, variables={"max_future_days": -1}).success
    assert seen(night) == before
    write_files(night / "data", invoices=LATER, feedback=FEEDBACK)
    build = run(night)
    assert build.success, build.messages
    assert agreement(night) == sorted_sets(night)[-1] != lists
    log = build.rows("select outcome, data_kind, parameters from build_runs order by started_at", "main")
    assert [row[:2] for row in log] == [("published", "own"), ("refused", "own"), ("published", "own")]
    assert "min_support" in log[0][2] and "/srv/export" not in log[0][2]
    assert {kind for (kind,) in build.rows("select distinct previous_run_id from recommendation_changes")} == {
        lists.partition("-")[2]
    }
    tables = build.rows("select table_schema, table_name, table_type from information_schema.tables")
    assert {row[1:] for row in tables if row[0] == "main"} == {(name, "VIEW") for name in PUBLISHED}
    assert not [row for row in tables if "__published" in row[1] or row[1] == "former"]


def test_a_folder_of_another_name_gets_what_readers_saw_before_it_gets_anything_new(night):
    before = seen(night)
    elsewhere = night / "build" / "elsewhere"
    shutil.rmtree(elsewhere, ignore_errors=True)
    write_files(night / "data", invoices=LATER, feedback=FEEDBACK)
    assert not run(night, variables={"max_rows_lost": -1}, IPRE_PUBLISH_DIR=elsewhere).success
    assert seen(night) == before
    assert (elsewhere / "final_recommendations.csv").read_bytes() == before["final_recommendations.csv"]
    build = run(night, IPRE_PUBLISH_DIR=elsewhere)
    assert build.success, build.messages
    assert build.rows("select count(*) from recommendation_changes", "main") != [(0,)]
    with duckdb.connect(str(elsewhere / "ipre_serving.duckdb"), read_only=True) as serving:
        rows = serving.execute("from final_recommendations order by all").fetchall()
    assert rows == build.rows("from final_recommendations order by all", "main")
    # And after somebody deleted a folder there is one again.
    shutil.rmtree(elsewhere)
    again = run(night, IPRE_PUBLISH_DIR=elsewhere)
    assert again.success, again.messages
    assert again.rows("select outcome from build_runs", "main") == [
        ("published",), ("refused",), ("published",), ("published",),
    ]  # fmt: skip


def test_the_door_from_macros_to_the_plugin_is_there():
    """What macros/runs.sql stands on is documented nowhere (DECISIONS, "Rules are SQL")."""
    from dbt.adapters.duckdb import DuckDBAdapter

    assert "store_relation" in DuckDBAdapter._available_
    asked = list(inspect.signature(DuckDBAdapter.store_relation).parameters)
    assert asked == ["self", "plugin_name", "relation", "column_list", "path", "format", "config"]


def test_nothing_is_reported_to_anybody():
    import yaml

    assert yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["flags"]["send_anonymous_usage_stats"] is False


def test_values_are_never_part_of_sql_or_of_a_path(night):
    wild = ["=cmd", "'); drop table stg_customers; --", '"; select 1; --', "../../x", "{{ 1/0 }}"]
    write_files(
        night / "data",
        customers=[*CUSTOMERS, *[[customer, f"{customer} Ltd", "North", "Painting"] for customer in wild]],
        invoices=[*INVOICES, *[["Q", customer, "P1", "1", "2024-03-01"] for customer in wild]],
    )
    build = run(night)
    assert build.success, build.messages
    names = dict(build.rows("select distinct customer_id, customer_name from final_recommendations", "main"))
    assert {customer: names[customer] for customer in wild} == {customer: f"{customer} Ltd" for customer in wild}


def test_the_public_tables_of_the_tests_are_published():
    assert set(PUBLIC_TABLES) <= PUBLISHED
