"""A run from its first to its last moment, as functions: what is refused, why nothing is published, in which words."""

import errno
import os
from datetime import UTC, datetime
from types import SimpleNamespace

import click
import duckdb
import pytest
from dbt.events.types import MainEncounteredError
from dbt_common.events.base_types import EventLevel
from dbt_common.events.functions import fire_event
from input_files import write_files
from tiny_runs import CHANGES, LISTS, TinyRuns, a_command

from ipre.run.command import RETRY_REFUSED, Command, name_of_command
from ipre.run.failures import failures, left_out, not_built
from ipre.run.gate import advice, in_words, unusual_changes
from ipre.run.input_counts import JUDGED, Count, count_rows, too_much_ambiguous, too_much_rejected
from ipre.run.input_tables import input_tables
from ipre.run.lifecycle import facts, what_changed
from ipre.run.report import findings, report
from ipre.run.warehouse import Refused


def result(name, status="success", message="", kind="model", test=None, **more):
    """What dbt says of a node. test: its generic test's name and arguments."""
    metadata = SimpleNamespace(name=test[0], kwargs=test[1]) if test else None
    node = SimpleNamespace(
        name=name, unique_id=f"{kind}.ipre.{name}", resource_type=kind, test_metadata=metadata, **more
    )
    return SimpleNamespace(status=status, message=message, node=node)


def own(number=1, **changed):
    """A command that builds own data."""
    return a_command(number=number, given={"data_dir": "/srv/export"} | changed)


# --- what is refused at run start ---------------------------------------------------------------------------------


def test_a_retry_says_to_build_because_it_would_use_what_was_read_before(tiny):
    command = a_command("retry")
    run = tiny.opened(command)
    with pytest.raises(Refused, match="`dbt retry` would mix tables of two runs, so it publishes nothing"):
        run.start(command)
    with click.Context(click.Command("retry"), info_name="retry"):
        assert name_of_command("run") == "retry"
    assert name_of_command("run") == "run" and RETRY_REFUSED.endswith("Run `dbt build` instead.")


def test_an_illegal_parameter_stops_a_build_before_it_reads_anything(tiny):
    """Its data folder is not there. That nothing is built after a refusal: test_publishing.py."""
    command = own(min_suport=0.1)
    with pytest.raises(Refused, match="ipre has no parameter 'min_suport'; did you mean 'min_support'"):
        tiny.opened(command).start(command)


def test_a_refusal_is_noted_and_told_in_one_line(tiny):
    with pytest.raises(Refused):
        tiny.opened(a_command()).refuse("ipre: no")
    assert tiny.rows("select outcome, reason, finished_at is not null from build.run_notes") == [
        ("refused", "ipre: no", True)
    ]


def test_a_folder_that_cannot_be_written_stops_a_build_before_it_starts(tiny):
    tiny.published.write_text("not a folder")
    command = a_command()
    run = tiny.opened(command)
    with pytest.raises(Refused, match=r"ipre: the folder .* for published files cannot be written \(Not a directory\)"):
        run.start(command)


@pytest.mark.parametrize("elsewhere", ["in the warehouse", "in the folder"])
def test_a_build_without_a_data_folder_stops_where_own_data_were_shown(tiny, tmp_path, elsewhere):
    engine, command = tiny.begin(values=own().values)
    engine.publish(command.tables)
    where = f"the warehouse {tiny.path}"
    if elsewhere == "in the folder":
        tiny.close()
        tiny.path.unlink()
        where = f"the folder {tiny.published}"
        tiny = TinyRuns(tmp_path)
    demo = a_command(number=2)
    run = tiny.opened(demo)
    run.engine.prepare(demo)
    with pytest.raises(Refused, match="so this run would build the demo") as refused:
        run.check_demo(demo)
    assert f"{where} shows your own data (run {command.run_id})" in str(refused.value)
    assert str(refused.value).endswith("to build the demo, set data_dir: demo.")
    run.check_demo(a_command(given={"data_dir": "demo"}))
    run.check_demo(own())


def test_whose_data_a_command_builds_is_what_its_settings_say(monkeypatch):
    monkeypatch.delenv("IPRE_DATA_DIR", raising=False)
    assert [a_command(given=given).data_kind for given in ({}, {"data_dir": "demo"}, {"data_dir": "/x"})] == [
        "demo", "demo", "own",
    ]  # fmt: skip
    assert a_command(given={"input_relations": {"customers": "a.b"}}).data_kind == "own"
    monkeypatch.setenv("IPRE_DATA_DIR", "/srv/export")
    assert a_command().input_settings.data_dir == "/srv/export"
    assert a_command(given={"data_dir": "demo"}).data_kind == "demo"


def test_what_is_tried_with_the_target_dev_is_not_for_readers(monkeypatch):
    monkeypatch.delenv("IPRE_PUBLISH_DIR", raising=False)
    assert [a_command(target=target).publish_dir for target in ("warehouse", "dev")] == ["published", "published_dev"]
    monkeypatch.setenv("IPRE_PUBLISH_DIR", "/srv/lists")
    assert [a_command(target=target).publish_dir for target in ("warehouse", "dev")] == ["/srv/lists"] * 2
    monkeypatch.setenv("IPRE_PUBLISH_DIR", "s3://bucket/lists")
    assert (a_command().publish_dir, a_command().publish_store) == ("published", "s3://bucket/lists")
    monkeypatch.setenv("IPRE_PUBLISH_TO", "postgresql://host/db")
    databases = [a_command(target="dev"), a_command(), a_command(given={"publish_to": "postgresql://b/db"})]
    assert [one.publish_database for one in databases] == ["", "postgresql://host/db", "postgresql://b/db"]


@pytest.mark.parametrize(("wanted", "is_inside"), [("2024-02-01", True), ("2024-01-01", True), ("2023-12-31", False),
                                                  ("2024-03-02", False), ("2205-01-01", False)])  # fmt: skip
def test_an_as_of_date_lies_inside_the_data(tiny, wanted, is_inside):
    tiny.connection.execute("create schema input; create table input.invoices (invoice_date varchar)")
    days = ["2024-01-01", "2024-03-01", "no date", "2205-03-01"]
    tiny.connection.executemany("insert into input.invoices values (?)", [[day] for day in days])
    command = own(as_of_date=wanted)
    if is_inside:
        tiny.run().check_as_of_date(command)
        return
    with pytest.raises(Refused, match="must be a date inside the data, from 2024-01-01 to 2024-03-01; got '2"):
        tiny.run().check_as_of_date(command)


def test_so_it_does_for_the_demo_whose_seed_is_loaded_later(tiny, tmp_path):
    write_files(tmp_path / "seeds")
    seed = {"root_path": str(tmp_path), "original_file_path": "seeds/invoices.csv"}
    command = a_command(given={"as_of_date": "2024-03-02"}, nodes={"seed.ipre.invoices": seed})
    with pytest.raises(Refused, match="from 2024-03-01 to 2024-03-01; got '2024-03-02'"):
        tiny.run().check_as_of_date(command)


GRAPH = {
    "model.ipre.stg": {"schema": "build", "alias": "stg", "resource_type": "model",
                       "config": {"materialized": "table"}, "depends_on": {"nodes": ["source.ipre.input.customers"]}},
    "model.ipre.step": {"schema": "helpers", "alias": "step", "resource_type": "model",
                        "config": {"materialized": "ephemeral"}, "depends_on": {"nodes": ["model.ipre.stg"]}},
    "model.ipre.lists": {"schema": "build", "alias": "lists", "resource_type": "model",
                         "config": {"materialized": "table"}, "depends_on": {"nodes": ["model.ipre.step"]}},
    "test.ipre.rule": {"schema": "x", "alias": "rule", "resource_type": "test",
                       "config": {"materialized": "test"}, "depends_on": {"nodes": ["model.ipre.lists"]}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "selected", "built", "missing"),
    [
        ("run", "model.ipre.lists", [], "build.stg"),
        ("run", "model.ipre.lists", ["build.stg"], ""),
        ("build", "model.ipre.stg", [], ""),
        ("test", "test.ipre.rule", [], "build.lists"),
        # In a build a test of what is not there concerns nobody else.
        ("build", "test.ipre.rule", [], ""),
        ("test", "unit_test.ipre.lists.a_case", [], "build.stg"),
        ("build", "unit_test.ipre.lists.a_case", [], ""),
        ("run", "operation.ipre.hook", [], ""),
    ],
)
def test_a_command_that_reads_what_nobody_has_built_says_to_build_first(name, selected, built, missing):
    command = a_command(name, nodes=GRAPH, selected=frozenset([selected]))
    told = f"ipre: this command needs tables that are not built yet: {missing}. Run `dbt build`." if missing else ""
    assert not_built(command, built) == told
    assert not_built(a_command(name, nodes=GRAPH, selected=frozenset([selected]), is_deferred=True), built) == ""


def test_of_many_tables_that_are_not_built_three_are_told():
    nodes = {f"model.ipre.m{n}": {**GRAPH["model.ipre.stg"], "alias": f"m{n}"} for n in range(5)}
    nodes["model.ipre.lists"] = {**GRAPH["model.ipre.lists"], "depends_on": {"nodes": list(nodes)}}
    told = not_built(a_command("run", nodes=nodes, selected=frozenset(["model.ipre.lists"])), [])
    assert "not built yet: build.m0, build.m1, build.m2 and 2 more. Run" in told


def test_only_a_command_with_a_model_that_reads_an_input_reads_the_input():
    reads = [a_command(nodes=GRAPH, selected=frozenset([name])).reads_inputs for name in GRAPH]
    assert reads == [True, False, False, False]
    assert not a_command(nodes=GRAPH, selected=frozenset(["operation.ipre.hook"])).reads_inputs


# --- how a run ends -----------------------------------------------------------------------------------------------


def test_only_a_whole_build_publishes():
    command = a_command()
    whole = [result(name.split(".")[2]) for name in command.nodes]
    assert left_out(command, whole) == ""
    assert left_out(command, whole[:1]) == (
        "only a full `dbt build` publishes, and this command left out 1 of 2 seeds, models and data tests"
    )
    assert (
        left_out(a_command(is_without_rows=True), whole) == "the tables were built without rows (--empty or --sample)"
    )
    # A test that was not run is left out; one of a model that this ranker does not have is not.
    of_another = {
        "resource_type": "test",
        "config": {"materialized": "test", "enabled": False},
        "attached_node": "gone",
    }
    nodes = {**command.nodes, "test.ipre.of_another": of_another}
    assert left_out(a_command(nodes=nodes), whole) == ""
    nodes["test.ipre.rule"] = {**of_another, "config": {"materialized": "test", "enabled": True}}
    assert "left out 1 of 4" in left_out(a_command(nodes=nodes), whole)


def test_what_failed_is_told_with_dbts_reason_and_what_was_skipped_is_not(tiny):
    broken = "Database Error in model lists (models/lists.sql)\n  Binder Error: no such column\n  LINE 1: .."
    results = [
        result("fine"),
        result("lists", "error", broken),
        result("rule", "fail", "Got 3 results, configured to fail if != 0", kind="test"),
        result("after", "skipped"),
    ]
    assert failures(tiny.engine(), a_command(), results) == (
        "model lists: Binder Error: no such column; test rule: Got 3 results, configured to fail if != 0"
    )
    many = [result(f"m{n}", "error", "no") for n in range(5)]
    assert failures(tiny.engine(), a_command(), many).endswith("model m2: no; and 2 more")
    assert failures(tiny.engine(), a_command(), results[:1]) == ""


PINNED = "Out of Memory Error: failed to pin block of size 256.0 KiB (1.8 GiB/1.8 GiB used)"
OFFLOADED = "Out of Memory Error: failed to offload data block of size 256.0 KiB (9.0 MiB/9.0 MiB used)"
SPILLED = "/srv/ipre.duckdb.tmp/duckdb_temp_storage_S32K-0.tmp"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (f"{PINNED}\n\nPossible solutions:\n", f"{PINNED}."),
        (f"{OFFLOADED}.\nThis limit was", f"{OFFLOADED}."),
        (
            f'IO Error: Could not write file "{SPILLED}": No space left on device',
            f"the disk is full: {SPILLED} cannot be written. Free some space and run again.",
        ),
    ],
)
def test_a_build_that_finds_no_space_in_memory_or_on_disk_says_which_two_settings_help(tiny, monkeypatch, error, told):
    monkeypatch.setenv("IPRE_MEMORY_LIMIT", "2GB")
    monkeypatch.delenv("IPRE_THREADS", raising=False)
    message = f"Runtime Error in model purchases (models/market_basket/purchases.sql)\n  {error}"
    assert failures(tiny.engine(), a_command(), [result("purchases", "error", message)]) == (
        f"model purchases: {told} Raise IPRE_MEMORY_LIMIT (now 2GB) if the machine has more memory, or lower "
        "IPRE_THREADS (now 4) so that fewer models run at once."
    )


def test_of_a_table_that_does_not_follow_its_rules_the_rule_and_a_row_are_told(tiny):
    arguments = {
        "keys": {"has_one_row_per_customer_and_rank": ["customer_id", "rank"]},
        "rules": {"price_is_positive": "price > 0", "rank_is_small": "rank < 10"},
    }
    rows = [
        "('price_is_positive', 'C1', 'P1', 7, -1.5)",
        "('price_is_positive', 'C2', 'P1', 7, -2)",
        "('rank_is_small', 'C3', 'P2', 99, 1)",
    ]

    def told(rows):
        columns = "broken_rule, customer_id, product_id, rank, price"
        failed = result(
            "lists__follows_its_rules", "fail", f"Got {len(rows)} results", "test", ("follows_rules", arguments),
            compiled_code=f"select * from (values {', '.join(rows)}) as broken ({columns})",
        )  # fmt: skip
        return failures(tiny.engine(), a_command(), [failed])

    assert told(rows) == (
        "test lists__follows_its_rules: broken: price_is_positive in 2 rows; rank_is_small in 1 row; "
        "for example customer_id C1, product_id P1, price -1.5"
    )
    assert told(["('has_one_row_per_customer_and_rank', 'C1', 'P1', 7, 1.5)"] * 2) == (
        "test lists__follows_its_rules: broken: has_one_row_per_customer_and_rank in 2 rows; "
        "for example customer_id C1, product_id P1, rank 7"
    )


UNUSUAL = [
    ("invoices_read", "count", None, "max_rows_lost", 2448, 245, -0.9, None, None, 1),
    ("invoices_accepted", "count", None, "max_rows_lost", 2448, 245, -0.9, None, None, 2),
    ("newest_invoice_date", "date", None, None, None, None, 50, "2024-04-09", "2024-05-29", 3),
    ("share_of_places_changed", "step", "12 of 24", "max_places_changed", None, 0.5, 0.5, None, None, 4),
    ("rules", "count", None, None, 10, 55.5, 4.55, None, None, 5),
]


@pytest.fixture
def unusual(tiny):
    """A comparison in which five figures changed too much, and one did not."""
    tiny.connection.execute(
        "create schema build; create table build.run_comparison (figure varchar, kind varchar, detail varchar, "
        "parameter varchar, previous_value double, value double, change double, previous_date date, new_date date, "
        "place integer, is_within_limit boolean default false, is_accepted boolean default false); "
        "create table build.rejected_rows as select 'invoices' as source_table, "
        "unnest(['no date', 'no customer', 'no date']) as reason, unnest([9, 7, 8]) as row_number, "
        '\'{"no": "31.12."}\' as row_values'
    )
    columns = "figure, kind, detail, parameter, previous_value, value, change, previous_date, new_date, place"
    tiny.connection.executemany(
        f"insert into build.run_comparison ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", UNUSUAL
    )
    tiny.connection.execute("insert into build.run_comparison (figure, is_within_limit) values ('quiet', true)")
    return tiny


def test_an_unusual_change_is_told_with_what_the_figure_was_and_is(unusual):
    assert unusual_changes(unusual.engine(), a_command().values) == [
        "invoices_read went from 2,448 to 245 (-90.0%), more than max_rows_lost (0.02) allows",
        "the newest invoice went from 2024-04-09 to 2024-05-29, more than is allowed",
        "50% of list positions changed (12 of 24); limit 30% (max_places_changed)",
        "rules went from 10 to 55.500 (+455.0%), more than is allowed",
        "invoices_accepted went from 2,448 to 245 (-90.0%), more than max_rows_lost (0.02) allows; 3 of its rows were "
        "rejected, most often: no date (see build.rejected_rows)",
    ]


def test_a_newest_invoice_that_is_older_than_the_last_is_told_as_going_back():
    row = {"kind": "date", "previous_date": "2024-04-09", "new_date": "2024-04-01"}
    assert in_words(row, None) == "the newest invoice went back from 2024-04-09 to 2024-04-01; it may not go back"


def test_an_unusual_change_says_what_to_do(unusual):
    gate = result("gate", "fail", "Got 5 results", "test", ("moves_within_limit", {}))
    told = failures(
        unusual.engine(), a_command(given={"accept_jump_on": "2026-01-01"}), [gate, result("x", "error", "no")]
    )
    assert told.startswith(
        "unusual changes since the last published run: invoices_read went from 2,448 to 245 (-90.0%), more than"
    )
    assert "; and 2 more. Fix the export, then run `dbt build` again." in told
    assert (
        "accept them for today with accept_jump_on: 2026-01-02, added to your other --vars or settings "
        "file (accept_jump_on is 2026-01-01, which counts "
        "on that day only)" in told
    )
    assert told.endswith("All figures: build.run_comparison.; model x: no") and "\n" not in told
    assert "(accept_jump_on is" not in advice(unusual.engine(), a_command())


def test_when_only_publishing_fails_the_command_does_too(tiny, said):
    tiny.publish()
    (tiny.published / "changes.parquet").unlink()
    (tiny.published / "changes.parquet").write_text("mine")
    answer, run = {}, tiny.run()
    run.engine, command = tiny.begin()
    run.end(command, [result(LISTS["name"]), result(CHANGES["name"])], answer)
    assert answer["reason"].startswith("ipre could not publish: ") and answer["reason"] in "\n".join(said)
    assert tiny.rows("select outcome from build_runs order by started_at") == [("published",), ("failed",)]


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (KeyboardInterrupt(), "interrupted", "it was stopped with Ctrl-C"),
        (KeyError("a mistake"), "failed", "'a mistake'"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/x"), "failed", "the disk is full: /data/x cannot"),
        (duckdb.IOException("IO Error: broken\n\nhint"), "failed", "IO Error: broken"),
    ],
)
def test_a_run_that_dies_is_noted_with_its_reason(tiny, error, outcome, reason):
    engine, _ = tiny.begin()
    try:
        raise error
    except BaseException:
        fire_event(MainEncounteredError(exc=str(error)), level=EventLevel.ERROR)
    [(noted, why, is_finished)] = tiny.rows("select outcome, reason, finished_at is not null from build.run_notes")
    assert (noted, is_finished) == (outcome, True)
    assert reason in why and "\n" not in why
    assert engine.log.run == {}


# --- what was changed on purpose, and what the log says -----------------------------------------------------------


def test_what_changed_since_the_published_run_is_told_apart():
    before, now = facts(a_command()), facts(own(2, min_support=0.1, as_of_date="2025-06-30")) | {"project_version": "9"}
    assert what_changed(before, before) == dict.fromkeys(
        ["changed_data", "changed_as_of_date", "changed_parameters", "changed_version"]
    )
    assert what_changed(before, now) == {
        "changed_data": "the data were demo, are own",
        "changed_as_of_date": 'as_of_date was "", is "2025-06-30"',
        "changed_parameters": "min_support was 0.05, is 0.1",
        "changed_version": f"ipre was {before['project_version']}, is 9",
    }


# --- how much of the input can be trusted -------------------------------------------------------------------------


def trusted(**counts):
    """Counts of all input tables: these, and some rows that were all accepted."""
    return {name: Count(10, {}) for name in input_tables()} | counts


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, ""),
        ({"invoices": Count(10, {"no date": 2, "no id": 1})}, ""),
        (
            {"invoices": Count(1000, {"no date": 300, "no id": 1})},
            "301 of 1,000 rows of invoices were rejected, more than max_rejected_share (0.3) allows. Reasons: no date "
            "(300), no id (1).",
        ),
        (
            {"invoices": Count(9, {"no date": 9}, examples={"no date": ", first row 1: '46094'"})},
            "9 of 9 rows of invoices were rejected, so none is left. Reasons: no date (9, first row 1: '46094').",
        ),
        (
            {"products": Count(2, {"a": 1, "b": 1})},
            "2 of 2 rows of products were rejected, so none is left. Reasons: a (1), b (1).",
        ),
        (
            {"customers": Count(0, {})},
            "0 of 0 rows of customers were rejected, so none is left. Reasons: there were",
        ),
        ({"feedback": Count(0, {})}, ""),
        ({"feedback": Count(2, {"a": 2})}, "2 of 2 rows of feedback were rejected, more than max_rejected_share (0.3)"),
        # What people keep by hand, and what they rated, stops no run.
        ({"overrides": Count(5, {"stale": 5}), "account_managers": Count(2, {"x": 2})}, ""),
        ({"rating_events": Count(500, {"stranger": 500}), "list_openings": Count(2, {"x": 2})}, ""),
    ],
)
def test_too_many_rejected_rows_stop_the_run_with_their_reasons(tiny, counts, told):
    words = too_much_rejected(tiny.engine(), trusted(**counts), 0.3)
    assert (
        (told in words and words.startswith("ipre input: ") and "build.rejected_rows" in words) if told else not words
    )


def test_rows_are_counted_by_reason_and_lines_that_could_not_be_split_are_rejected(tiny):
    tiny.connection.execute(
        "create schema helpers; create schema input; create table input.unreadable_lines as "
        "select 'customers' as source_table, 'too few columns' as reason, 2 as row_number"
    )
    tiny.connection.execute(
        f"create table helpers.{JUDGED['customers']} as from (values (null, 1, null), (null, 5, '{{}}'), "
        "('x is no id', 4, '{\"x\": \"B\"}'), ('name is missing', 6, '{\"name\": null}'), "
        "('x is no id', 3, '{\"x\": \"A\\nz\"}')) as judged (rejection_reason, row_number, row_values)"
    )
    counts = count_rows(tiny.engine(), ["customers"])
    examples = {
        "x is no id": ", first row 3: 'A z'",
        "name is missing": ", first row 6",
        "too few columns": ", first row 2",
    }
    reasons = {"x is no id": 2, "name is missing": 1, "too few columns": 1}
    assert counts == {"customers": Count(6, reasons, examples=examples)}
    assert next(iter(counts["customers"].reasons)) == "x is no id"
    assert (counts["customers"].accepted, counts["customers"].rejected) == (2, 4)
    assert count_rows(tiny.engine(), []) == {}


@pytest.mark.parametrize(("lines", "is_too_much"), [(100, False), (50, True)])
def test_too_many_lines_on_ids_that_contradict_each_other_stop_the_run(tiny, lines, is_too_much):
    tiny.connection.execute(
        "create schema helpers; "
        "create table helpers.ambiguous as select 'products' as source_table, "
        "unnest(['P1', 'P2']) as id, 2 as row_count, id = 'P1' as are_two_things, id || ' is two.' as sentence; "
        "create table helpers.judged_invoices as select null as rejection_reason, 'C' || range as customer_id, "
        f"case when range < 5 then 'P1' else 'P2' end as product_id from range({lines})"
    )
    told = too_much_ambiguous(tiny.engine(), "helpers.ambiguous")
    assert told == (
        "ipre input: 5 of 50 invoice lines have ids used for two different customers or products, more than 5%. "
        "products: P1 is two. Fix the export; a spreadsheet may have changed the ids into numbers, or two "
        "companies use the same ids."
        if is_too_much
        else ""
    )


# --- what is printed ----------------------------------------------------------------------------------------------


def test_the_report_ends_a_published_build(demo_build):
    with duckdb.connect(str(demo_build.warehouse), read_only=True) as connection:
        engine = SimpleNamespace(
            schema=lambda name: name,
            rows=lambda query: connection.sql(query).df().to_dict("records"),
            where_published=lambda command: "in a file",
        )
        lines = list(report(engine, a_command()))
    assert lines[1].startswith(
        "ipre: 25,000 recommendations for 5,000 of 5,000 customers of the demo data, as of 2025-"
    )
    assert lines[-1] == "Published: table main.final_recommendations in a file"
    places = [line for line in lines if line.startswith("  ") and line[2].isdigit()]
    assert [line.split(".")[0].strip() for line in places] == list("1234512345")


def test_of_each_kind_of_finding_three_are_told(tiny):
    tiny.connection.execute(
        "create table main.input_findings as select 'kind ' || kind as kind, 'a finding ' || place as sentence, "
        "place as row_count, 'customers' as source_table, 'x' as subject "
        "from (values (1, 5), (2, 2)) as kinds (kind, many), range(1, many + 1) as places (place)"
    )
    assert list(findings(tiny.engine())) == [
        "  a finding 5", "  a finding 4", "  a finding 3", "  And 2 more of this kind (see input_findings).",
        "  a finding 2", "  a finding 1",
    ]  # fmt: skip


def test_a_command_is_told_by_dbt_with_its_own_names():
    command = Command.told(
        run_id="r", started_at=datetime(2026, 1, 1, tzinfo=UTC), dbt_version="1",
        flags=SimpleNamespace(WHICH="build", QUIET=False, EMPTY=False), arguments={"vars": {"min_support": 0.1}},
        var=lambda name: f"value of {name}", target="dev", graph={"nodes": {}, "sources": {}}, selected=["a"], rules={},
        is_accepted=True,
    )  # fmt: skip
    assert command.values["ranker"] == "value of ranker" and command.given == {"min_support": 0.1}
    assert command.is_build and not command.is_without_rows and command.selected == {"a"} and command.is_accepted
