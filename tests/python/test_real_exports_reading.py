"""What real exports contain, where they are read: nothing that may be meant is ignored, no line is lost silently."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import fsspec
import pytest
from input_files import ALL, CUSTOMERS, INVOICES, PRODUCTS, as_text, write_files
from staged import Staged, read, refusal
from tiny_runs import TinyRuns, a_command

from ipre.run.input_counts import gone_columns
from ipre.run.input_tables import Source, check_columns, folded, input_tables, is_near
from ipre.run.lifecycle import Run
from ipre.run.warehouse import Refused

LINES = len(INVOICES) - 1
PLAIN = as_text(INVOICES)


def rows(folder: Path | str, query: str = "select count(*) from input.invoices") -> list[tuple]:
    with duckdb.connect() as connection:
        read(connection, folder)
        return connection.execute(query).fetchall()


# --- what is not recognized ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("UnitPrice", "unit_price", True), ("unit-price\ufeff", "unit_price", True), ("unt_price", "unit_price", True),
        ("unit_pricw", "unit_price", True), ("unit_prcie", "unit_price", True),
        ("unit_cost", "unit_price", False), ("region_code", "region", False), ("product_ids_old", "product_id", False),
        ("status", "state", False), ("inactive", "active", False), ("created_at", "rated_at", False),
        ("rated_by", "rated_at", False), ("", "user", False),
    ],
)  # fmt: skip
def test_a_name_comes_near_another_by_its_writing_and_by_one_letter(one, other, near):
    assert is_near(folded(one), folded(other)) is near


def check(table: str, *found: str, renamed: dict[str, str] | None = None) -> None:
    one = input_tables()[table].named({table: renamed or {}})
    check_columns(Source("file", "x"), [(name, "") for name in found], one)


@pytest.mark.parametrize("table", [name for name, table in input_tables().items() if not table.from_rating_store])
def test_every_optional_column_in_another_writing_stops_the_run(table):
    one = input_tables()[table]
    for column in one.optional:
        check(table, *one.columns)
        for near in (column.upper(), column.replace("_", " ") + " ", column + "s", column[:-1]):
            with pytest.raises(Refused, match=f"unknown column '{near}'; did you mean '{column}'"):
                check(table, *one.required, near)


def test_a_column_that_comes_near_one_that_is_there_is_an_ordinary_further_column():
    check("products", *PRODUCTS[0], "Active", "active", "unit_price", "Unit Price", "region_code", "l1_category")
    check("customers", "KUNNR", *CUSTOMERS[0][1:], "customer_id", "Land1", renamed={"customer_id": "KUNNR"})


@pytest.mark.parametrize("table", ["overrides", "account_managers"])
def test_in_tables_kept_by_hand_every_further_column_stops_the_run(table):
    required = input_tables()[table].required
    for foreign in ("Kunde", "cust", "remarks"):
        with pytest.raises(
            Refused, match=f"column '{foreign}' is unknown and would have no effect. Columns of {table}:"
        ):
            check(table, *required, foreign)
    check(table, *required, "Kunde", renamed={"account_manager": "Kunde"})


def test_columns_without_a_name_may_stand_in_a_table_kept_by_hand_as_long_as_they_are_empty(tmp_path):
    write_files(tmp_path, overrides=[["action", "product_id", "", ""], ["exclude", "P1", "", " "]])
    assert rows(tmp_path, "select action, product_id from input.overrides") == [("exclude", "P1")]
    write_files(tmp_path, overrides=[["action", "product_id", "", ""], ["exclude", "P1", "", "001"]])
    assert "overrides.csv: column 4 has values but no name" in refusal(rows, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["Account_Managers.csv", "account-managers.csv", "account managers.csv", "accountmanagers.csv",
     "account_manager.csv", "account_managers.CSV", "account_managers.xlsx", "account_managers.csv.gz",
     "acount_managers.parquet"],
)  # fmt: skip
def test_a_file_that_may_be_meant_stops_the_run_and_is_named(tmp_path, name):
    data = write_files(tmp_path)
    (data / name).write_text("user,role\nann,manager\n")
    assert f"{name}. If it is the account_managers table, rename it account_managers.csv" in refusal(rows, data)
    write_files(data, account_managers=[["user", "role"], ["ann", "manager"]])
    if name.lower() != "account_managers.csv" or name == "account_managers.CSV":
        assert rows(data, "select count(*) from input.account_managers") == [(1,)]


def test_a_required_file_that_is_missed_by_a_letter_and_a_folder_that_is_there_are_named(tmp_path):
    data = write_files(tmp_path)
    (data / "invoices.csv").rename(data / "invoice.csv")
    (data / "archive").mkdir()
    text = refusal(rows, data)
    assert f"Files found in {data}:" in text and f"{data}/archive/" in text
    assert f"If {data}/invoice.csv is the table, rename it" in text


# --- lines -----------------------------------------------------------------------------------------------------


def with_remarks(*remarks: str, line_end: str = "\n") -> str:
    """Invoice lines with a last column that is not ours, as text; the remarks stand as they are."""
    lines = [
        ",".join([*row, "" if place >= len(remarks) else remarks[place]]) for place, row in enumerate(INVOICES[1:])
    ]
    return line_end.join([",".join([*INVOICES[0], "remark"]), *lines, ""])


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("remarks", "opens", "closes"),
    [
        (["", '"for the roof', "", '2 x 4"'], 3, 5),
        (["", '"for the roof', '4"'], 3, 4),
        (["", '"one ""nice""', "", "", 'x"'], 3, 6),
        (['"two', 'lines"', '"again', "", 'end"'], 2, 3),
    ],
)
def test_a_stray_quote_in_a_column_that_is_not_ours_is_named_by_its_line(tmp_path, remarks, opens, closes, line_end):
    data = write_files(tmp_path)
    (data / "invoices.csv").write_bytes(with_remarks(*remarks, line_end=line_end).encode())
    text = refusal(rows, data)
    assert f"invoices.csv: line {opens}: a quote opens in column 'remark' and closes only in line {closes}" in text


def test_a_comment_is_no_exception(tmp_path):
    data = write_files(tmp_path)
    (data / "feedback.csv").write_text(
        "customer_id,product_id,rating,comment,rated_by\n"
        '001,P5,High,"good,Ann\n001,P6,Low,bad,Ann\n001,P7,Low,5",Ann\n001,P8,Low,,Ann\n'
    )
    assert "feedback.csv: line 2: a quote opens in column 'comment' and closes only in line 4" in refusal(rows, data)


def test_a_swallowed_line_that_is_broken_itself_hides_no_whole_one(tmp_path):
    data = write_files(tmp_path)
    (data / "invoices.csv").write_text(with_remarks("", '"x', "", "").replace(INVOICES[5][0], '5" ', 1) + 'I9,001"\n')
    assert "invoices.csv: line 3: " in refusal(rows, data)


def test_lines_are_accounted_for_whatever_stands_between_them(tmp_path):
    """Blank lines, values over several lines, and lines that cannot be split, in one file."""
    data = write_files(tmp_path)
    text = with_remarks("", '"one\ntwo, three"', '"a ""quoted"" word"', '4" nail', '"\n"')
    lines = text.splitlines(keepends=True)
    (data / "invoices.csv").write_text("".join([*lines[:4], "\n\n", "I9,001\n", *lines[4:], "\n"]))
    staged = Staged(data)
    assert staged.rows("select count(*), sum(quantity) from stg_invoice_lines") == [
        (LINES, sum(int(row[3]) for row in INVOICES[1:]))
    ]
    assert [reason for _, _, reason in staged.rejected()] == ["the line has fewer values than the header"]


# --- folders of parts ------------------------------------------------------------------------------------------


def in_parts(folder: Path, name: str, kind: str, by: str = "") -> Path:
    """Make of a table's CSV file a folder of parts, as Spark writes it. by: column whose values become folders."""
    where, file = folder / name, folder / f"{name.partition('.')[0]}.csv"
    suffix = {"csv": "csv", "parquet": "snappy.parquet"}[kind]
    with duckdb.connect() as connection:
        connection.execute(f"create table lines as from read_csv('{file}', all_varchar = true)")
        file.unlink()
        where.mkdir()
        for number in range(3):
            part, options = where / f"part-0000{number}-c000.{suffix}", f"format {kind}"
            if by:
                part, pattern = where, f"filename_pattern 'part-0000{number}-{{i}}-c000', file_extension '{suffix}'"
                options += f", partition_by ({by}), overwrite_or_ignore, {pattern}"
            connection.execute(f"copy (from lines where rowid % 3 = {number}) to '{part}' ({options})")
    (where / "_SUCCESS").touch()
    (where / "part-00007-c000.csv").touch()
    (where / ".part-00000.crc").write_bytes(b"crc")
    return where


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("by", ["", "invoice_date", "customer_id"])
@pytest.mark.parametrize("name", ["invoices", "invoices.csv", "invoices.parquet"])
def test_a_folder_of_parts_is_one_table(tmp_path, name, by, kind):
    data = write_files(tmp_path)
    expected = rows(data, "from input.invoices order by all")
    query = "select * exclude (row_number) from input.invoices order by all"
    in_one_file = rows(data, query)
    in_parts(data, name, kind, by)
    assert rows(data, query) == in_one_file
    assert rows(data, "select count(distinct row_number), max(row_number) from input.invoices") == [
        (len(expected), len(expected))
    ]


def test_lines_of_parts_that_cannot_be_read_have_numbers_of_their_own(tmp_path):
    data = write_files(tmp_path)
    where = in_parts(data, "invoices", "csv")
    for part in where.glob("part-*c000.csv"):
        if part.stat().st_size:
            lines = part.read_text().splitlines()
            part.write_text("\n".join([lines[0], "broken", *lines[1:], "broken, too"]))
    staged = Staged(data)
    assert len(staged.rejected()) == 6 and staged.unaccounted() == []


def test_a_partition_without_a_value_and_one_with_odd_signs_are_read(tmp_path):
    data = write_files(tmp_path)
    where = in_parts(data, "customers", "parquet", by="region")
    (where / "region=North").rename(where / "region=North%20%26%20East")
    duckdb.sql("select '007' as customer_id, 'Seven' as customer_name, 'Painting' as end_use").write_parquet(
        str(data / "x.parquet")
    )
    (where / "region=__HIVE_DEFAULT_PARTITION__").mkdir()
    (data / "x.parquet").rename(where / "region=__HIVE_DEFAULT_PARTITION__" / "part.parquet")
    staged = Staged(data)
    assert staged.rows("select distinct region from customer_numbers") == [("North & East",)]
    assert [reason for _, _, reason in staged.rejected()] == ["region is missing"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda where: (where / "_temporary" / "0").mkdir(parents=True) or (where / "_temporary/0/x").write_text("x"),
         "it is still being written"),
        (lambda where: (where / "_delta_log").mkdir() or (where / "_delta_log" / "0.json").write_text("{}"),
         "it is a Delta table"),
        (lambda where: (where / "old").mkdir() or (where / "old" / "part.csv").write_text(PLAIN),
         "old/part.csv is not part of the table"),
        (lambda where: (where / "invoices.xlsx").write_text("x"), "invoices.xlsx is not part of the table"),
        (lambda where: (where / "x.parquet").write_text("x"), "it contains both .csv and .parquet files"),
        (lambda where: (where / "zz.csv").write_text(PLAIN.replace("quantity", "qty")),
         "zz.csv: required column 'quantity' is missing"),
        (lambda where: where.with_suffix(".csv").write_text(PLAIN), "Delete or move one"),
        (lambda where: where.rename(where.with_name("Invoices")), "Invoices is the table, rename it"),
        (lambda where: [file.unlink() for file in where.iterdir()], "it contains no .csv or .parquet file"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_one_table_is_named_with_the_reason(tmp_path, spoil, told):
    data = write_files(tmp_path)
    spoil(in_parts(data, "invoices", "csv"))
    assert told in refusal(rows, data)


def test_a_folder_of_parts_in_a_store_is_one_table_too(tmp_path):
    data = write_files(tmp_path)
    in_parts(data, "invoices", "parquet", by="invoice_date")
    store = fsspec.filesystem("memory")
    store.put(str(data), "/parts", recursive=True)
    assert rows("memory:///parts") == [(LINES,)]
    store.store.clear()


# --- rows, words, numbers, dates -------------------------------------------------------------------------------


def test_a_row_that_repeats_the_header_is_rejected_in_every_table(tmp_path):
    tables = {
        **ALL,
        "feedback": [["customer_id", "product_id", "rating"], ["001", "P5", "High"]],
        "overrides": [["action", "product_id"], ["exclude", "P1"]],
        "account_managers": [["user", "role"], ["ann", "manager"]],
    }
    changes = [str.lower, str.upper, lambda text: f" {text} "]
    repeated = {
        name: [*table, *([change(cell) for cell in table[0]] for change in changes)] for name, table in tables.items()
    }
    staged = Staged(write_files(tmp_path, **repeated))
    assert staged.rejected() == [
        (name, len(table) + place, "the row repeats the header")
        for name, table in sorted(tables.items())
        for place in range(3)
    ]
    assert staged.unaccounted() == []


def test_a_second_export_with_its_columns_in_another_order_is_rejected_with_its_header(tmp_path):
    turned = [[*reversed(row)] for row in CUSTOMERS]
    staged = Staged(write_files(tmp_path, customers=[*CUSTOMERS, turned[0]]))
    assert staged.rejected() == [("customers", len(CUSTOMERS), "the row repeats the header")]


WORDS = ["nan", "NaN", "None", "NaT", "NULL", "null", "#N/A", "<NA>", "NA", "n/a", "\\N"]


def test_a_word_for_nothing_is_no_value_and_as_an_id_no_row(tmp_path):
    products = [[*PRODUCTS[0], "unit_price", "active"]]
    products += [[f"P{n}", f"Product {n}", "Paints", "Interior", word, word] for n, word in enumerate(WORDS, start=1)]
    customers = [[*CUSTOMERS[0], "city"], *([*row, "NULL"] for row in CUSTOMERS[1:])]
    customers += [[word, "Nobody", "North", "Painting", ""] for word in WORDS]
    invoices = [*INVOICES, *(["I9", word, "P1", "1", "2024-03-01"] for word in WORDS)]
    invoices += [["I9", "001", "P1", "1", word] for word in WORDS]
    invoices += [["I9", "001", "P1", word, "2024-03-01"] for word in WORDS]
    staged = Staged(write_files(tmp_path, customers=customers, products=products, invoices=invoices))
    words = range(len(WORDS))
    assert staged.rejected() == [
        *(("customers", len(CUSTOMERS) + n, "customer_id is missing") for n in words),
        *(("invoices", LINES + 1 + n, "customer_id is missing") for n in words),
        *(("invoices", LINES + 1 + len(WORDS) + n, "invoice_date is missing") for n in words),
        *(("invoices", LINES + 1 + 2 * len(WORDS) + n, "quantity is missing") for n in words),
    ]
    assert staged.rows("select distinct unit_price, is_active from stg_products") == [(None, True)]
    assert staged.rows("select count(city) from customer_numbers") == [(0,)]
    found = staged.rows("select subject, row_count from input_findings where kind = 'word for nothing' order by all")
    columns = ["active", "customer_id", "customer_id", "invoice_date", "quantity", "unit_price"]
    assert found == sorted([("city", len(CUSTOMERS) - 1), *((column, len(WORDS)) for column in columns)])


def test_a_word_for_nothing_in_an_override_is_a_rejected_row_and_never_everybody(tmp_path):
    plain = {"action": "exclude", "customer_id": "001", "product_id": "P1"}
    columns = ["customer_id", "account_manager", "product_id", "l3_category", "l2_category"]
    rows = [plain | {column: word} for column in columns for word in [*WORDS, "#REF!", "-", "all"]]
    header = list(dict.fromkeys(["action", *columns]))
    table = [header, *([row.get(column, "") for column in header] for row in rows)]
    staged = Staged(write_files(tmp_path, overrides=table))
    assert [row[:2] for row in staged.rejected()] == [("overrides", n + 1) for n in range(len(rows))]
    assert staged.rows("from stg_overrides") == []


PRICES = {
    "$1,299.00": 1299, "$ 12.50": 12.5, "12,50": 12.5, "1.299,00": 1299, "12.50 EUR": 12.5, "\u20ac 9.90": 9.9,
    "eur 15": 15, "1 299.00": 1299, "1\u202f299,5": 1299.5, "1'299.00": 1299, "1\u2019299": 1299, "1,299,000": 1299000,
    "1.299.000": 1299000, "US$12.50": 12.5, "12,50 z\u0142": 12.5, "CHF 12.-": 12, "12,- \u20ac": 12,
    "R$ 1.299,90": 1299.9, "0,125": 0.125, "1299,125": 1299.125, "1,29,900.50": 129900.5, "19.90": 19.9, "0": 0,
    ".5": 0.5, "1e3": 1000,
}  # fmt: skip


def test_prices_are_read_where_they_can_be_one_number_only(tmp_path):
    products = [[f"Q{n:02}", f"Q {n}", "Paints", "Interior", price] for n, price in enumerate(PRICES)]
    staged = Staged(
        write_files(tmp_path, products=[[*PRODUCTS[0], "unit_price"], *[[*r, ""] for r in PRODUCTS[1:]], *products]),
    )
    read_prices = staged.rows("select unit_price from stg_products where product_id like 'Q%' order by product_id")
    assert dict(zip(PRICES, [price for (price,) in read_prices], strict=True)) == PRICES
    assert staged.rows("select sentence, row_count from input_findings where kind <> 'old export'") == [
        ("products: unit_price has several currencies, for example chf and z\u0142; ipre reads them as one.", 10)
    ]


def test_a_currency_has_one_name_however_it_is_written(tmp_path):
    prices = ["\u20ac 1.50", "1.50 EUR", "1,50 euro", "1.50"]
    products = [[*PRODUCTS[0], "unit_price"], *[[*row, prices[n % 4]] for n, row in enumerate(PRODUCTS[1:])]]
    assert Staged(write_files(tmp_path, products=products)).rows("from input_findings where kind <> 'old export'") == []


def test_prices_that_are_none_are_counted(tmp_path):
    prices = ["ask", "12.50 per box", "1,2,3", "12.5.1", "inf", "1_000", "0x10", "$", "12 50", "1.299,0.5"]
    none = [[f"Q{n}", f"Q {n}", "Paints", "Interior", price] for n, price in enumerate(prices)]
    products = [[*PRODUCTS[0], "unit_price"], *[[*row, "2.5"] for row in PRODUCTS[1:]], *none]
    staged = Staged(write_files(tmp_path, products=products))
    assert staged.rows("select distinct unit_price from stg_products where product_id like 'Q%'") == [(None,)]
    assert staged.rows("select kind, subject, sentence from input_findings where kind <> 'old export'") == [
        ("unreadable number", "unit_price", "products: unit_price is not a number in 10 rows, for example $; it counts "
         "as an empty cell.")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        (["1,299", "12.50"], "'1,299' in 'unit_price' could be 1299 or 1.299. Export it"),
        (["$1,299", "$45"], "'1,299' in 'unit_price' could be 1299"),
        (
            ["12,50", "1.299"],
            "'1.299' in 'unit_price' could be 1299 or 1.299, because other prices have a decimal comma (12,50)",
        ),
        (["\u20ac1.299", "\u20ac45"], "'1.299' in 'unit_price' could be 1299"),
    ],
)
def test_a_price_that_may_mean_two_numbers_stops_the_run(tmp_path, prices, told):
    products = [[*PRODUCTS[0], "unit_price"], *[[*row, prices[n % 2]] for n, row in enumerate(PRODUCTS[1:])]]
    assert told in refusal(rows, write_files(tmp_path, products=products))


def test_dates_that_stand_where_there_is_none_are_findings(tmp_path):
    days = ["1900-01-01", "0001-01-01", "1970-01-01 00:00:00", "9999-12-31"]
    invoices = [*INVOICES, *(["I9", "001", f"P{n}", "1", day] for day in days for n in (1, 2))]
    invoices += [["I9", "001", "P3", "1", "19000101"]]
    staged = Staged(write_files(tmp_path, invoices=invoices))
    found = staged.rows("select sentence, row_count from input_findings where kind = 'placeholder date' order by all")
    told = "is in {} rows; systems write it where there is no date"
    assert [count for _, count in found] == [2, 3, 2, 2]
    assert all(told.format(count) in sentence for sentence, count in found)


ZONES = {
    "America/Los_Angeles": ("2024-01-10 23:30:00-08:00", "2024-01-11 07:30:00"),
    "-08:00": ("2024-01-10 23:30:00-08:00", "2024-01-11 07:30:00"),
    "Asia/Kolkata": ("2024-01-10 00:00:00+05:30", "2024-01-09 18:30:00"),
    "UTC": ("2024-01-10 23:30:00+00:00", "2024-01-10 23:30:00"),
}


@pytest.mark.parametrize("zone", ZONES)
def test_a_moment_with_a_time_zone_in_a_parquet_file_of_pandas_is_the_day_as_written(tmp_path, zone):
    """In a CSV file: cases/input_corpus.yml. Of what a driver hands over: test_input_sources.py."""
    written, in_utc = ZONES[zone]
    feedback = [["customer_id", "product_id", "rating", "rated_at"], ["001", "P5", "High", written]]
    data = write_files(tmp_path, feedback=feedback, invoices=[*INVOICES, ["I9", "001", "P8", "1", written]])
    for table, column in (("invoices", "invoice_date"), ("feedback", "rated_at")):
        described = {"columns": [{"name": column, "metadata": {"timezone": zone}}, {"name": "x", "metadata": None}]}
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(
                f"copy (select * replace (cast({column} as timestamptz) as {column}) "
                f"from read_csv('{data}/{table}.csv', "
                f"all_varchar = true)) to '{data}/{table}.parquet' "
                f"(format parquet, kv_metadata {{pandas: '{json.dumps(described)}'}})"
            )
        (data / f"{table}.csv").unlink()
    staged = Staged(data)
    assert staged.rows("select invoice_date from stg_invoice_lines where invoice_id = 'I9'") == [(date(2024, 1, 10),)]
    assert staged.rows("select rated_at, rated_at_utc from stg_ratings") == [
        (datetime.fromisoformat(written).replace(tzinfo=None), datetime.fromisoformat(in_utc))
    ]


# --- a run without a table -------------------------------------------------------------------------------------


def run_without(tiny: TinyRuns, table: str, **changed) -> Run:
    """A run after one that had two rows of every table; of one there is none now. changed: what was changed since."""
    tiny.connection.execute(
        "create schema if not exists input; create or replace table main.build_run_rows "
        "(run_id text, input_table text, rows_accepted int, column_values text)"
    )
    for name in input_tables():
        tiny.connection.execute(f"create or replace table input.{name} as from range({0 if name == table else 3})")
        tiny.connection.execute("insert into main.build_run_rows values ('R1', ?, 2, null)", [name])
    run = tiny.run()
    run.published = {"run_id": "R1", "changed_data": None, **changed}
    return run


OPTIONAL = ["feedback", "overrides", "account_managers", "rating_events"]


@pytest.mark.parametrize("table", OPTIONAL)
def test_a_table_that_the_published_run_had_and_this_one_has_not_stops_the_run_until_that_is_accepted(tiny, table):
    own = {"data_dir": "/data"}
    run, command = run_without(tiny, table), a_command(given=own)
    day = f"{command.started_at.astimezone():%Y-%m-%d}"
    with pytest.raises(Refused, match=f"{table} has no rows; in the published run it had 2.*accept_jump_on: {day}"):
        run.check_absent(command)
    run.check_absent(a_command(given=own, is_accepted=True))


def test_a_table_that_was_never_there_or_is_the_demos_stops_nothing(tiny):
    own = a_command(given={"data_dir": "/data"})
    run_without(tiny, "").check_absent(own)
    run_without(tiny, "list_openings").check_absent(own)
    run_without(tiny, "overrides", changed_data="the data were demo, are own").check_absent(own)
    run_without(tiny, "overrides").check_absent(a_command())
    first = run_without(tiny, "overrides")
    first.published = None
    first.check_absent(own)


def test_a_column_that_had_values_in_the_published_run_may_not_lose_all_of_them():
    """Without prices no list has a value, and without `active` what is discontinued is recommended again."""
    before = {"products": {"unit_price": 5463, "active": 12, "replaced_by": 2}, "customers": {"city": 0}}
    now = {"products": {"unit_price": 0, "active": 11, "replaced_by": 0}, "customers": {"city": 0}}
    assert list(gone_columns(before, now)) == [
        "products: unit_price has no values; in the published run 5,463 rows had one."
    ]


@pytest.mark.parametrize(("changed", "is_refused"), [({}, True), ({"changed_data": "other data"}, False)])
def test_a_run_without_a_column_is_refused_with_the_setting_that_names_it(tiny, changed, is_refused):
    run = run_without(tiny, "", **changed)
    run.column_values = {"products": {"unit_price": 0}}
    tiny.connection.execute(
        "update main.build_run_rows set column_values = '{\"unit_price\": 40}' where input_table = 'products'"
    )
    if is_refused:
        with pytest.raises(Refused, match=r"products: unit_price has no values.*input_columns.*accept_jump_on"):
            run.check_absent(a_command(given={"data_dir": "/data"}))
    else:
        run.check_absent(a_command(given={"data_dir": "/data"}))
