"""What real exports hold and no column says: each is counted right, told in words, or settled by a documented view."""

import random
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT
from input_files import CUSTOMERS, INVOICES, PRODUCTS, write_files
from staged import Model, Staged, compiled_staging
from tiny_nights import Nights

from ipre.run.input_counts import few_after_a_gap
from ipre.run.input_tables import input_tables
from ipre.run.unread_columns import look_alikes, says_unit
from ipre.run.warehouse import Refused

DUPLICATE = "exact duplicate of an earlier line"
HEADER = [*INVOICES[0], "line_number"]
LINE = ["I9", "001", "P1", "2", "2024-03-02"]


@pytest.fixture(scope="module")
def staging(tmp_path_factory) -> list[Model]:
    return compiled_staging(tmp_path_factory.mktemp("compiled"))


@pytest.fixture
def staged(staging, tmp_path):
    """Staging of the tiny distributor, with other tables."""
    return lambda **tables: Staged(staging, write_files(tmp_path / "data", **tables))


def findings(staged: Staged, *kinds: str) -> list[tuple]:
    """Subjects and sentences of some kinds of findings."""
    wanted = ", ".join(f"'{kind}'" for kind in kinds)
    return staged.rows(f"select subject, sentence from input_findings where kind in ({wanted}) order by all")


# --- two lines alike ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        {4: "2024-03-02T00:00:00"},
        {4: "2024/3/2"},
        {4: "2024-03-02 15:30:00Z"},
        {3: "2.0"},
        {3: "+2"},
        {1: " 001 "},
    ],
    ids=str,
)
def test_lines_that_say_the_same_in_another_writing_are_duplicates(staged, written):
    again = [written.get(place, cell) for place, cell in enumerate(LINE)]
    assert staged(invoices=[*INVOICES, LINE, again]).rejected() == [("invoices", len(INVOICES) + 1, DUPLICATE)]


@pytest.mark.parametrize(
    ("numbers", "kept"),
    [(("1", "2"), 2), (("1", "001"), 1), (("1", "1.0"), 1), (("a", "b"), 2), (("a", "a"), 1), (("", ""), 1)],
)
def test_lines_alike_with_different_line_numbers_are_two(staged, numbers, kept):
    lines = [[*LINE, number] for number in numbers]
    rows = staged(invoices=[HEADER, *[[*row, ""] for row in INVOICES[1:]], *lines]).rows(
        "select count(*) from stg_invoice_lines where invoice_id = 'I9'"
    )
    assert rows == [(kept,)]


# --- what was replaced --------------------------------------------------------------------------------------------


def with_successors(rows: list[list[str]], **successors: str) -> list[list[str]]:
    """A table with the column replaced_by. successors: id, without leading zeros, -> id."""
    return [[*rows[0], "replaced_by"], *[[*row, successors.get(row[0].replace("00", "C"), "")] for row in rows[1:]]]


def test_history_ratings_and_overrides_count_for_the_last_of_a_chain(staged):
    found = staged(
        customers=with_successors(CUSTOMERS, C1="002", C2="006"),
        products=with_successors(PRODUCTS, P1="P2", P2="P8"),
        feedback=[["customer_id", "product_id", "rating", "rated_at"], ["001", "P1", "High", "2024-02-01"]],
        overrides=[["action", "customer_id", "product_id"], ["pin", "002", "P2"]],
    )
    assert found.rejected() == []
    assert found.rows("select customer_id from stg_customers order by 1") == [("003",), ("004",), ("005",), ("006",)]
    assert found.rows("select count(*) from stg_products where product_id in ('P1', 'P2')") == [(0,)]
    of_the_merged = [int(row[3]) for row in INVOICES[1:] if row[1] in ("001", "002")]
    assert found.rows("select count(*), sum(quantity) from stg_invoice_lines where customer_id = '006'") == [
        (len(of_the_merged), sum(of_the_merged))
    ]
    of_the_item = sum(row[2] in ("P1", "P2") for row in INVOICES[1:])
    assert found.rows("select count(*) from stg_invoice_lines where product_id = 'P8'") == [(of_the_item,)]
    assert found.rows("select customer_id, product_id from stg_feedback") == [("006", "P8")]
    assert found.rows("select customer_id, product_id from stg_overrides") == [("006", "P8")]


def test_a_long_chain_is_followed_to_its_end(staged):
    chain = [[f"P{number}", "Item", "Paints", "Interior", f"P{number + 1}"] for number in range(1, 20)]
    last = ["P20", "Item", "Paints", "Interior", ""]
    found = staged(products=[[*PRODUCTS[0], "replaced_by"], *chain, last])
    assert found.rows("select distinct product_id from stg_invoice_lines") == [("P20",)]


@pytest.mark.parametrize("table", ["customers", "products"])
def test_a_circle_and_what_leads_into_it_are_rejected(staged, table):
    rows = [["A", "B"], ["B", "C"], ["C", "B"], ["D", ""]]
    header = {"customers": CUSTOMERS, "products": PRODUCTS}[table][0]
    found = staged(**{table: [[*header, "replaced_by"], *[[one, "x", "x", "x", by] for one, by in rows]]})
    rejected = [row for row in found.rejected() if row[0] == table]
    assert rejected == [(table, number, "replaced_by leads in a circle") for number in (1, 2, 3)]


@pytest.mark.parametrize(("successor", "is_told"), [("", 0), ("001", 0), ("#N/A", 0), ("999", 1)])
def test_who_names_itself_nobody_or_somebody_unknown_stands_for_itself(staged, successor, is_told):
    found = staged(customers=with_successors(CUSTOMERS, C1=successor))
    assert found.rejected() == []
    assert found.rows("select count(*) from stg_invoice_lines where customer_id = '001'") == [(3,)]
    told = findings(found, "unknown successor")
    assert len(told) == is_told
    assert all("replaced_by names 999, which is no id of the table" in sentence for _, sentence in told)


def test_a_line_of_somebody_whose_successor_was_rejected_is_rejected_too(staged):
    customers = with_successors([*CUSTOMERS, ["007", "", "North", "Painting"]], C1="007")
    reasons = Counter(reason for table, _, reason in staged(customers=customers).rejected() if table == "invoices")
    assert reasons == {"customer_id is not among the accepted customers": 3}


# --- contradictions -----------------------------------------------------------------------------------------------

FULL = {
    "customers": {
        "customer_id": "C", "customer_name": "Ann", "region": "North", "end_use": "Painting", "city": "Ulm",
        "state": "BW", "account_manager": "Kim", "replaced_by": "001",
    },
    "products": {
        "product_id": "P", "product_name": "Saw", "l2_category": "Tools", "l3_category": "Saws", "unit_price": "9",
        "active": "yes", "replaced_by": "P1",
    },
}  # fmt: skip
PLAIN = {"customers": CUSTOMERS, "products": PRODUCTS}
ANOTHER = {"unit_price": "30", "active": "no", "replaced_by": "P2"}


def twice(table: str, **changed: str) -> list[list[str]]:
    """The plain table and two more rows with one id, the second of them changed."""
    first = FULL[table]
    plain = [dict(zip(PLAIN[table][0], row, strict=True)) for row in PLAIN[table][1:]]
    return [list(first), *[[row.get(name, "") for name in first] for row in [*plain, first, {**first, **changed}]]]


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, row in FULL.items() for column in list(row)[1:]]
)
def test_every_column_of_ours_is_looked_at_for_contradictions(staged, table, column):
    other = "002" if (table, column) == ("customers", "replaced_by") else ANOTHER.get(column, "Other")
    [(subject, sentence)] = findings(staged(**{table: twice(table, **{column: other})}), "contradicting id")
    assert subject == FULL[table][f"{table[:-1]}_id"]
    assert re.search(rf"2 rows have the id {subject} and contradict each other in {column} \(.+, .+\); one", sentence)


@pytest.mark.parametrize(
    ("table", "written"),
    [
        ("products", {"unit_price": "9.00"}),
        ("products", {"active": "1"}),
        ("products", {"unit_price": ""}),
        ("products", {"product_name": "SAW"}),
        ("customers", {"account_manager": ""}),
        ("customers", {"city": "ULM "}),
    ],
)
def test_another_writing_and_an_empty_cell_contradict_nothing(staged, table, written):
    assert findings(staged(**{table: twice(table, **written)}), "contradicting id") == []


def test_what_one_warehouse_sells_is_sold_at_its_highest_price_whatever_the_order_of_rows(staging, tmp_path):
    rows = [("9", "no"), ("30", "yes"), ("100", "no"), ("4.5", "yes")]
    header = [*PRODUCTS[0], "unit_price", "active"]
    plain = [[*row, "1", "yes"] for row in PRODUCTS[1:]]
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        stock = [["P9", "Saw", "Tools", "Saws", *row] for row in rows]
        found = Staged(staging, write_files(tmp_path / str(seed), products=[header, *plain, *stock]))
        assert found.rows("select unit_price, is_active from stg_products where product_id = 'P9'") == [(30, True)]


# --- what an export may hide --------------------------------------------------------------------------------------


def test_invoice_ids_on_days_far_apart_are_told(staged):
    lines = [["I1", "006", "P7", "1", "2024-04-02"], ["I2", "006", "P7", "1", "2024-04-01"]]
    assert findings(staged(invoices=[*INVOICES, *lines]), "ids far apart") == [
        (
            "invoice_id",
            "invoices: 1 invoice_ids stand on days more than a month apart, I1 for example. Each of the days counts "
            "as an order of its own.",
        )
    ]


@pytest.mark.parametrize(("lines", "returns", "told"), [(1000, 0, 1), (1000, 1, 0), (999, 0, 0)])
def test_a_thousand_lines_without_a_return_are_told(staged, lines, returns, told):
    rows = [[f"J{number}", "001", "P1", "-1" if number < returns else "1", "2024-03-01"] for number in range(lines)]
    assert len(findings(staged(invoices=[INVOICES[0], *rows]), "no returns")) == told


@pytest.mark.parametrize(
    "name",
    [
        *(
            "move_type",
            "Document Type",
            "docType",
            "belegart",
            "FKART",
            "status",
            "Line Status",
            "state",
            "is_cancelled",
        ),
        *(
            "storno",
            "unit",
            "UoM",
            "U/M",
            "sales_unit",
            "VRKME",
            "Mengeneinheit",
            "product_uom_id",
            "quantity_unit",
            "sign",
        ),
    ],
)
def test_a_column_that_looks_like_a_type_a_status_or_a_unit_is_noticed(name):
    assert look_alikes([*INVOICES[0], name], input_tables()["invoices"]) == [name]


@pytest.mark.parametrize(
    "name", ["unit_price", "unit_cost", "remark", "salesperson", "returned_at", "article", "party", "spare_part"]
)
def test_other_columns_are_not(name):
    assert look_alikes([*INVOICES[0], name], input_tables()["invoices"]) == []


def test_only_units_are_compared_by_product():
    assert [name for name in ("unit", "uom", "VRKME", "Mengeneinheit", "status", "move_type") if says_unit(name)] == [
        *("unit", "uom", "VRKME", "Mengeneinheit"),
    ]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_a_column_holds_that_is_not_read_is_told_with_its_counts(staging, tmp_path, suffix):
    kinds = ["out_refund" if number < 2 else "out_invoice" for number in range(len(INVOICES) - 1)]
    rows = [[*row, kind, "", "x"] for row, kind in zip(INVOICES[1:], kinds, strict=True)]
    data = write_files(tmp_path / "data", invoices=[[*INVOICES[0], "move type", "status", "sales type"], *rows])
    if suffix == "parquet":
        duckdb.sql(f"copy (from read_csv('{data}/invoices.csv', all_varchar = true)) to '{data}/invoices.parquet' ")
        (data / "invoices.csv").unlink()
    found = Staged(staging, data)
    assert findings(found, "unread column", "unit changes") == [
        (
            "move type",
            f"invoices: the column move type is not read: out_invoice ({len(rows) - 2}), out_refund (2). No quantity "
            "is negative. If it says what a row is, see docs/what-ipre-cannot-see.md.",
        )
    ]
    assert found.rows("select count(*) from information_schema.columns where table_name = 'invoices'") == [(7,)]


def test_a_product_whose_unit_changes_is_told(staged):
    units = {"I1": "CS24", "I2": "CS24"}
    rows = [[*row, units.get(row[0], "EA") if row[2] == "P1" else "EA"] for row in INVOICES[1:]]
    [told] = findings(staged(invoices=[[*INVOICES[0], "unit"], *rows]), "unit changes")
    assert told == (
        "unit",
        "invoices: 1 product stands in more than one unit, P1 for example, and its quantities are added as they are.",
    )


# --- the newest line ----------------------------------------------------------------------------------------------


@pytest.fixture
def nights(tmp_path, monkeypatch):
    monkeypatch.setenv("IPRE_PUBLISH_DIR", str(tmp_path / "published"))
    made = Nights(tmp_path)
    yield made
    made.close()


def lines_on(nights: Nights, *days: tuple[int, int]) -> None:
    """Accepted invoice lines. days: day after the first one -> how many."""
    first = date(2024, 1, 1)
    nights.connection.execute(
        "create schema helpers; create table helpers.judged_invoices "
        "(rejection_reason varchar, row_number bigint, invoice_id varchar, invoice_date date)"
    )
    for after, count in days:
        nights.connection.execute(
            "insert into helpers.judged_invoices select null, range + 1, 'I' || range, ?::date from range(?)",
            [str(first + timedelta(days=after)), count],
        )


@pytest.mark.parametrize(
    ("later", "told"),
    [
        ([(76, 1)], "1 of 61 invoice lines"),
        ([(76, 9)], "9 of 69 invoice lines"),
        ([(76, 10)], ""),
        ([(75, 1)], ""),
        ([(76, 5), (200, 3)], "8 of 68 invoice lines"),
        ([(76, 5000), (200, 50)], "50 of 5,110 invoice lines"),
        ([(76, 5000), (200, 60)], ""),
    ],
    ids=str,
)
def test_few_lines_long_after_all_others_do_not_say_what_day_it_is(nights, later, told):
    lines_on(nights, (0, 30), (30, 30), *later)
    words = few_after_a_gap(nights.engine())
    assert words.startswith(f"ipre input: {told} stand 45 days and more after all others") if told else not words
    assert not told or ("row 1 (I0, 2024-" in words and "as_of_date" in words and "accept_jump_on" in words)


@pytest.mark.parametrize("is_asked", [True, False])
def test_a_given_day_or_an_accepted_one_lets_them_pass(nights, monkeypatch, is_asked):
    lines_on(nights, (0, 30), (400, 1))
    for kind in ("rejected", "unreadable", "ambiguous"):
        monkeypatch.setattr(f"ipre.run.lifecycle.too_much_{kind}", lambda *_: "")
    monkeypatch.setattr("ipre.run.lifecycle.count_rows", lambda *_: {})
    asked = {"ambiguous_ids": "", "max_rejected_share": 1, "newest_is_today": is_asked}
    if not is_asked:
        nights.run().do_check_inputs(**asked)
        return
    with pytest.raises(Refused, match="1 of 31 invoice lines"):
        nights.run().do_check_inputs(**asked)


# --- the views of docs/what-ipre-cannot-see.md --------------------------------------------------------------------

PAGE = PROJECT / "docs" / "what-ipre-cannot-see.md"
LINES = """
    invoice_id,customer_id,product_id,quantity,invoice_date,move_type,status,cancels,unit,line_number
    I1,C1,P1,4,2024-03-01,out_invoice,posted,,EA,1
    I2,C1,P1,1,2024-03-02,out_refund,posted,,EA,1
    I3,C2,P1,3,2024-03-03,out_invoice,posted,,CS24,1
    I4,C2,K1,2,2024-03-04,out_invoice,draft,,EA,1
    I5,C3,P2,9,2024-03-05,out_invoice,posted,,EA,1
    I6,C3,P2,9,2024-03-06,out_invoice,posted,I5,EA,1
    I7,C3,P2,1,2024-03-06,out_invoice,cancelled,,EA,1
    I8,C3,K1,1,2024-03-07,out_invoice,,,EA,1
"""
RAW = {
    "lines": LINES,
    "units": "product_id,unit,pieces\nP1,CS24,24",
    "kits": "kit_id,part_id,pieces\nK1,P1,2\nK1,P3,1",
    "products": (
        "product_id,product_name,l2_category,l3_category,item\nB1,Bolt,x,y,BOLT\nB2,Bolt,x,y,BOLT\nB3,Bolt,x,y,BOLT\n"
        "N1,Nut,x,y,NUT"
    ),
    "customers": "customer_id,customer_name,region,end_use\nC3,Ann,N,x\nC9,Ann & Co,N,x",
    "mergers": "from_id,into_id\nC3,C9",
    "stock": (
        "product_id,product_name,l2_category,l3_category,unit_price,active,warehouse\nP3,Saw,x,y,30,yes,Main\n"
        "P3,Saw,x,y,9,no,Outlet"
    ),
}
SUMS = (
    "select customer_id, product_id, cast(sum(cast(quantity as decimal(18, 4))) as integer) from erp.{} "
    "group by all order by all"
)
GIVES = {
    "credit_notes_as_returns": (
        SUMS,
        [("C1", "P1", 3), ("C2", "K1", 2), ("C2", "P1", 3), ("C3", "K1", 1), ("C3", "P2", 19)],
    ),
    "without_cancelled_documents": (SUMS, [("C1", "P1", 5), ("C2", "P1", 3), ("C3", "K1", 1)]),
    "in_pieces": (SUMS, [("C1", "P1", 5), ("C2", "K1", 2), ("C2", "P1", 72), ("C3", "K1", 1), ("C3", "P2", 19)]),
    "parts_of_kits": (
        SUMS,
        [("C1", "P1", 5), ("C2", "P1", 7), ("C2", "P3", 2), ("C3", "P1", 2), ("C3", "P2", 19), ("C3", "P3", 1)],
    ),
    "newest_batches": (
        "select product_id, replaced_by from erp.{} order by 1",
        [("B1", "B3"), ("B2", "B3"), ("B3", None), ("N1", None)],
    ),
    "merged_customers": (
        "select customer_id, replaced_by from erp.{} order by 1",
        [("C3", "C9"), ("C9", None)],
    ),
    "products_of_the_main_warehouse": ("select product_id, unit_price, active from erp.{}", [("P3", "30", "yes")]),
}
VIEWS = dict(re.findall(r"```sql\n(create view erp\.(?:\w+) as\n.*?)(```)", PAGE.read_text(), re.DOTALL))


@pytest.fixture(scope="module")
def views(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """A database with raw tables as texts and the views of the page."""
    folder: Path = tmp_path_factory.mktemp("raw")
    connection = duckdb.connect()
    connection.execute("create schema raw; create schema erp")
    for name, text in RAW.items():
        file = folder / f"{name}.csv"
        file.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n")
        connection.execute(f"create table raw.{name} as from read_csv('{file}', all_varchar = true, header = true)")
    for sql in VIEWS:
        connection.execute(sql)
    return connection


def test_every_view_of_the_page_is_tried():
    assert {re.match(r"create view erp\.(\w+)", sql)[1] for sql in VIEWS} == set(GIVES)


@pytest.mark.parametrize("name", GIVES)
def test_a_view_of_the_page_settles_what_it_says(views, name):
    query, rows = GIVES[name]
    assert views.execute(query.format(name)).fetchall() == rows


@pytest.mark.parametrize("name", GIVES)
def test_a_view_of_the_page_has_the_columns_of_an_input_table(views, name):
    columns = [column for column, *_ in views.execute(f"describe erp.{name}").fetchall()]
    assert any({*table.required} <= {*columns} <= {*table.columns} for table in input_tables().values())
