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
from staged import Staged
from tiny_runs import TinyRuns

from ipre.run.input_counts import few_after_a_gap
from ipre.run.input_tables import input_tables
from ipre.run.unread_columns import look_alikes, says_unit
from ipre.run.warehouse import Refused

DUPLICATE = "exact duplicate of an earlier line"
HEADER = [*INVOICES[0], "line_number"]
LINE = ["I9", "001", "P1", "2", "2024-03-02"]


@pytest.fixture
def staged(tmp_path):
    """Staging of the tiny distributor, with other tables."""
    return lambda **tables: Staged(write_files(tmp_path / "data", **tables))


def findings(staged: Staged, *kinds: str) -> list[tuple]:
    """Subjects and sentences of some kinds of findings."""
    wanted = ", ".join(f"'{kind}'" for kind in kinds)
    return staged.rows(f"select subject, sentence from input_findings where kind in ({wanted}) order by all")


# --- two lines alike ----------------------------------------------------------------------------------------------


def test_lines_that_say_the_same_in_another_writing_are_duplicates(staged):
    writings = [{4: "2024-03-02T00:00:00"}, {4: "2024/3/2"}, {4: "2024-03-02 15:30:00Z"}, {3: "2.0"}, {3: "+2"},
                {1: " 001 "}]  # fmt: skip
    lines = []
    for number, written in enumerate(writings):
        again = [written.get(place, cell) for place, cell in enumerate(LINE)]
        lines += [[f"I9{number}", *one[1:]] for one in (LINE, again)]
    expected = [("invoices", len(INVOICES) + 1 + 2 * number, DUPLICATE) for number in range(len(writings))]
    assert staged(invoices=[*INVOICES, *lines]).rejected() == expected


def test_lines_alike_with_different_line_numbers_are_two(staged):
    kept = {("1", "2"): 2, ("1", "001"): 1, ("1", "1.0"): 1, ("a", "b"): 2, ("a", "a"): 1, ("", ""): 1}
    lines = [[f"I9{place}", *LINE[1:], number] for place, numbers in enumerate(kept) for number in numbers]
    rows = staged(invoices=[HEADER, *[[*row, ""] for row in INVOICES[1:]], *lines]).rows(
        "select count(*) from stg_invoice_lines where invoice_id like 'I9%' group by invoice_id order by invoice_id"
    )
    assert [count for (count,) in rows] == list(kept.values())


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
    assert found.rows("select customer_id from customer_numbers order by 1") == [("003",), ("004",), ("005",), ("006",)]
    assert found.rows("select count(*) from stg_products where product_id in ('P1', 'P2')") == [(0,)]
    of_the_merged = [int(row[3]) for row in INVOICES[1:] if row[1] in ("001", "002")]
    assert found.rows("select count(*), sum(quantity) from stg_invoice_lines where customer_id = '006'") == [
        (len(of_the_merged), sum(of_the_merged))
    ]
    of_the_item = sum(row[2] in ("P1", "P2") for row in INVOICES[1:])
    assert found.rows("select count(*) from stg_invoice_lines where product_id = 'P8'") == [(of_the_item,)]
    assert found.rows("select customer_id, product_id from stg_ratings") == [("006", "P8")]
    assert found.rows("select customer_id, product_id from stg_overrides") == [("006", "P8")]


def test_a_long_chain_is_followed_to_its_end(staged):
    chain = [[f"P{number}", "Item", "Paints", "Interior", f"P{number + 1}"] for number in range(1, 20)]
    last = ["P20", "Item", "Paints", "Interior", ""]
    found = staged(products=[[*PRODUCTS[0], "replaced_by"], *chain, last])
    assert found.rows("select distinct product_id from stg_invoice_lines") == [("P20",)]


def test_a_circle_and_what_leads_into_it_are_rejected(staged):
    rows = [[one, "x", "x", "x", by] for one, by in (("A", "B"), ("B", "C"), ("C", "B"), ("D", ""))]
    tables = {"customers": CUSTOMERS, "products": PRODUCTS}
    found = staged(**{table: [[*plain[0], "replaced_by"], *rows] for table, plain in tables.items()})
    assert [row for row in found.rejected() if row[0] in tables] == [
        (table, number, "replaced_by leads back to itself") for table in tables for number in (1, 2, 3)
    ]


def test_who_names_itself_nobody_or_somebody_unknown_stands_for_itself(staged):
    found = staged(customers=with_successors(CUSTOMERS, C2="002", C3="#N/A", C4="999"))
    assert found.rejected() == []
    assert found.rows(
        "select distinct count(*) from stg_invoice_lines where customer_id < '005' group by customer_id"
    ) == [(3,)]
    [(_, sentence)] = findings(found, "unknown successor")
    assert "replaced_by names 999, which is not an id of the table" in sentence


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


def twice(table: str, changes: list[dict[str, str]]) -> list[list[str]]:
    """The plain table, and for every change two more rows with one id (X0, X1 ..), the second of them changed."""
    full, key = FULL[table], f"{table[:-1]}_id"
    rows = [dict(zip(PLAIN[table][0], row, strict=True)) for row in PLAIN[table][1:]]
    for number, changed in enumerate(changes):
        first = full | {key: f"X{number}"}
        rows += [first, first | changed]
    return [list(full), *[[row.get(name, "") for name in full] for row in rows]]


@pytest.mark.parametrize("table", FULL)
def test_every_column_of_ours_is_looked_at_for_contradictions(staged, table):
    columns = list(FULL[table])[1:]
    others = ANOTHER | ({"replaced_by": "002"} if table == "customers" else {})
    changes = [{column: others.get(column, "Other")} for column in columns]
    found = dict(findings(staged(**{table: twice(table, changes)}), "contradicting id"))
    assert len(found) == len(columns)
    for number, column in enumerate(columns):
        told = rf"2 rows have the id X{number} and contradict each other in {column} \(.+, .+\); one"
        assert re.search(told, found[f"X{number}"])


def test_another_writing_and_an_empty_cell_contradict_nothing(staged):
    products = [{"unit_price": "9.00"}, {"active": "1"}, {"unit_price": ""}, {"product_name": "SAW"}]
    customers = [{"account_manager": ""}, {"city": "ULM "}]
    found = staged(products=twice("products", products), customers=twice("customers", customers))
    assert findings(found, "contradicting id") == []


def test_what_one_warehouse_sells_and_has_is_sold_at_its_highest_price_whatever_the_order_of_rows(staged):
    rows = [("9", "no", "3"), ("30", "yes", "3"), ("100", "no", "3"), ("4.5", "yes", "3"), ("40", "yes", "0")]
    products = [[*PRODUCTS[0], "unit_price", "active", "stock_on_hand"]]
    products += [[*row, "1", "yes", "1"] for row in PRODUCTS[1:]]
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        products += [[f"S{seed}", "Saw", "Tools", "Saws", *row] for row in rows]
    found = staged(products=products)
    kept = "select distinct unit_price, is_active, stock_on_hand from stg_products where product_id like 'S%'"
    assert found.rows(kept) == [(30, True, 3)]


# --- what an export may hide --------------------------------------------------------------------------------------


def test_invoice_ids_on_days_far_apart_are_told(staged):
    lines = [["I1", "006", "P7", "1", "2024-04-02"], ["I2", "006", "P7", "1", "2024-04-01"]]
    assert findings(staged(invoices=[*INVOICES, *lines]), "ids far apart") == [
        (
            "invoice_id",
            "invoices: invoice_ids on dates more than a month apart: 1, for example I1; each date counts as an order "
            "of its own.",
        )
    ]


@pytest.mark.parametrize(("lines", "returns", "told"), [(1000, 0, 1), (1000, 1, 0), (999, 0, 0)])
def test_a_thousand_lines_without_a_return_are_told(staged, lines, returns, told):
    rows = [[f"J{number}", "001", "P1", "-1" if number < returns else "1", "2024-03-01"] for number in range(lines)]
    assert len(findings(staged(invoices=[INVOICES[0], *rows]), "no returns")) == told


LOOK_ALIKES = [
    "move_type", "Document Type", "docType", "belegart", "FKART", "status", "Line Status", "state", "is_cancelled",
    "storno", "unit", "UoM", "U/M", "sales_unit", "VRKME", "Mengeneinheit", "product_uom_id", "quantity_unit", "sign",
    "is_active", "Discontinued", "Blocked", "LVORM", "conv_factor", "D/C", "TranCode", "tipo_documento",
    "Soll/Haben-Kennzeichen", "Gutschrift",
]  # fmt: skip
OTHERS = [
    "unit_price",
    "unit_cost",
    "remark",
    "salesperson",
    "returned_at",
    "article",
    "party",
    "spare_part",
    "currency",
]


def test_columns_that_look_like_a_type_a_status_or_a_unit_are_noticed_and_others_are_not():
    assert look_alikes([*INVOICES[0], *LOOK_ALIKES, *OTHERS], input_tables()["invoices"]) == LOOK_ALIKES
    of_prices = ["price_unit", "PEINH", "Currency"]
    assert look_alikes([*PRODUCTS[0], *of_prices, "list_price"], input_tables()["products"]) == of_prices


def test_only_units_are_compared_by_product():
    units = ["unit", "uom", "VRKME", "Mengeneinheit"]
    assert [name for name in [*units, "status", "move_type"] if says_unit(name)] == units


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_a_column_holds_that_is_not_read_is_told_with_its_counts(tmp_path, suffix):
    kinds = ["out_refund" if number < 2 else "out_invoice" for number in range(len(INVOICES) - 1)]
    rows = [[*row, kind, "", "x"] for row, kind in zip(INVOICES[1:], kinds, strict=True)]
    data = write_files(tmp_path / "data", invoices=[[*INVOICES[0], "move type", "status", "sales type"], *rows])
    if suffix == "parquet":
        duckdb.sql(f"copy (from read_csv('{data}/invoices.csv', all_varchar = true)) to '{data}/invoices.parquet' ")
        (data / "invoices.csv").unlink()
    found = Staged(data)
    assert findings(found, "unread column", "unit changes") == [
        (
            "move type",
            f"invoices: the column move type is not read: out_invoice ({len(rows) - 2}), out_refund (2). No quantity "
            "is negative. If it changes what a row means, see docs/what-ipre-cannot-see.md.",
        )
    ]
    assert found.rows("select count(*) from information_schema.columns where table_name = 'invoices'") == [(7,)]


def test_a_product_whose_unit_changes_is_told(staged):
    units = {"I1": "CS24", "I2": "CS24"}
    rows = [[*row, units.get(row[0], "EA") if row[2] == "P1" else "EA"] for row in INVOICES[1:]]
    [told] = findings(staged(invoices=[[*INVOICES[0], "unit"], *rows]), "unit changes")
    assert told == (
        "unit",
        "invoices: products with more than one unit: 1, for example P1; quantities are added as they are.",
    )


MANY = [[f"M{number:03}", f"Many {number}", "North", "Painting"] for number in range(100)]
OF_MANY = [[f"N{number:03}", f"M{number:03}", f"P{1 + number % 3}", "1", "2024-03-01"] for number in range(100)]
FREIGHT = [[f"N{number:03}", f"M{number:03}", "P8", "1", "2024-03-01"] for number in range(51)]
CASH = [[f"C{number}", "001", f"P{1 + number % 3}", "1", "2024-03-01"] for number in range(12)]
# M003 is the tenth customer.
CHAIN = [[f"{kind}{n}", "M003", f"P{n % 8 + 1}", str(n), "2024-03-01"] for kind in ("I", "D") for n in range(1, 91)]
NUMBERED = [HEADER, *[[*row, str(number)] for number, row in enumerate(INVOICES[1:])]]
# What somebody should look at: tables, and the sentences. Behind each what is just no such thing, and not told.
ODD = [
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY, *FREIGHT]},
     "products: the product P8 (Product 8) is on more than half of the invoices, 51 lines. If it is freight, a deposit "
     "or a fee, name it in never_recommend."),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY, *FREIGHT[1:]]},),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY[1:], *FREIGHT[1:]]},),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY, *CASH]},
     "customers: the customer 001 (Customer 1) has more than a tenth of the lines, 12. If it stands for many buyers, "
     "leave it out (docs/what-ipre-cannot-see.md)."),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY, *CASH[1:]]},),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY[2:], *CASH]},),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY, *CHAIN[:102]]},
     "customers: the customer M003 (Many 3) has more than a tenth of the lines, 103. If it stands for many buyers, "
     "leave it out (docs/what-ipre-cannot-see.md).",
     "invoices: of every tenth customer, 24 lines, more than a fifth, are there under two numbers, for example D1 and "
     "I1. Check that orders, delivery notes and other systems are not in the export, too."),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *OF_MANY, *CHAIN[:101]]},
     "customers: the customer M003 (Many 3) has more than a tenth of the lines, 102. If it stands for many buyers, "
     "leave it out (docs/what-ipre-cannot-see.md)."),
    ({"customers": [*CUSTOMERS, *MANY], "invoices": [INVOICES[0], *CHAIN[:49], *CHAIN[90:139]]},),
    ({"invoices": [*INVOICES, ["I9", "001", "P1", "1", "1949-12-31"], ["I8", "001", "P1", "1", "0024-03-01"]]},
     "invoices: invoice_date is before 1950 in 2 rows, for example 0024-03-01, and is read as it is. Check years with "
     "two digits and other calendars."),
    ({"invoices": [*INVOICES, ["I9", "001", "P1", "1", "1950-01-01"]]},),
    ({"invoices": [*NUMBERED, [*NUMBERED[1][:3], "9", *NUMBERED[1][4:]]]},
     "invoices: lines with the line_number of another line of their invoice: 2, for example of I1; all count. Check "
     "for exports whose periods overlap."),
    ({"invoices": [*NUMBERED, NUMBERED[1], [*NUMBERED[1][:4], "2024-03-02", NUMBERED[1][5]]]},),
    ({"invoices": [*INVOICES, ["I9", "1", "P1", "1", "2024-03-01"], ["I9", "01", "P2", "1", "2024-03-01"],
                   ["I9", "11", "P1", "1", "2024-03-01"]]},
     "invoices: customer_id of 2 rows differs from an accepted one only in case or leading zeros, for example 01 for "
     "001; they were rejected. Write both alike."),
    ({"invoices": [*INVOICES, ["I9", "001", "p1", "1", "2024-03-01"]]},
     "invoices: product_id of 1 row differs from an accepted one only in case or leading zeros, for example p1 for "
     "P1; they were rejected. Write both alike."),
    ({"invoices": [*INVOICES, ["I9", "01x", "P1", "1", "2024-03-01"]]},),
    ({"customers": [*CUSTOMERS, ["1", "One", "North", "Painting"]]},
     "customers: ids that differ only in case or leading zeros: 1, for example 001 and 1; each counts as its own. If "
     "they are one, write them alike or use replaced_by."),
    ({"products": [*PRODUCTS, ["p1", "One", "Paints", "Interior"], ["P01", "One", "Paints", "Interior"]]},
     "products: ids that differ only in case or leading zeros: 1, for example P1 and p1; each counts as its own. If "
     "they are one, write them alike or use replaced_by."),
    ({"customers": [CUSTOMERS[0], *[[*row[:2], str(n // 4), "x"] for n, row in enumerate([*CUSTOMERS[1:], *MANY])]]},
     "customers: region and end_use divide 106 customers into 27 groups, too few in each to compare. Use fewer regions "
     "and end uses."),
    ({"customers": [CUSTOMERS[0], *[[*row[:2], str(n // 6), "x"] for n, row in enumerate([*CUSTOMERS[1:], *MANY])]]},),
    ({"products": [PRODUCTS[0], *[[*row[:2], row[0], str(n % 2)] for n, row in enumerate(PRODUCTS[1:])]]},
     "products: l2_category (the department) has 8 values and l3_category (the aisle in it) 2. Check that the two "
     "columns are not swapped."),
    ({"products": [PRODUCTS[0], *[[*row[:2], row[0], "all"] for row in PRODUCTS[1:]]]},),
    ({"products": [PRODUCTS[0], *[[*row[:2], row[0], row[0]] for row in PRODUCTS[1:]]]},),
    ({"products": [[*PRODUCTS[0], "unit_price"], *[[*row, "-5"] for row in PRODUCTS[1:]]]},
     "products: unit_price is below 0 in 8 rows, for example of the product P1; it lowers the values of lists. A "
     "discount is no product (docs/what-ipre-cannot-see.md)."),
    ({"products": [[*PRODUCTS[0], "unit_price"], *[[*row, "0"] for row in PRODUCTS[1:]]]},),
    ({"customers": [[*CUSTOMERS[0], "account_manager"],
                    *[[*row, ["Ada", "ADA", "A da", "Ben"][n % 4]] for n, row in enumerate(CUSTOMERS[1:])]]},
     "customers: account_manager A da has 3 spellings, for example Ada; each has a call list of its own."),
    ({"customers": [*CUSTOMERS, *[[name, name, "North", "Painting"] for name in ("M\u00c3\u00bcller", "F\ufffd")]]},
     "customers: customer_name has garbled letters in 2 rows, for example F\ufffd. Export the file as UTF-8, and open "
     "it as UTF-8 in every program between."),
    ({"products": [*PRODUCTS, ["M", "M", "Stra\u00c3\u0178e", "Interior"]]},
     "products: l2_category has garbled letters in 1 row, for example Stra\u00c3\u0178e. Export the file as UTF-8, and "
     "open it as UTF-8 in every program between."),
    ({"customers": [*CUSTOMERS, ["M", "IRM\u00c3 & CORA\u00c7\u00c3O M\u00c3E", "\u00c2ncora", "Painting"]]},),
    ({"invoices": [INVOICES[0], *[[f"I{n}", "001", "P1", "-1", "2024-03-01"] for n in range(65_535)]]},
     "invoices: the table has 65535 rows, as many as a spreadsheet holds. Check that none are cut off."),
    ({"invoices": [INVOICES[0], *[[f"I{n}", "001", "P1", "-1", "2024-03-01"] for n in range(65_534)]]},),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "told"), [(tables, told) for tables, *told in ODD])
def test_what_is_odd_in_a_table_is_told_and_what_is_just_not_is_not(staged, tables, told):
    usual = "'old export', 'contradicting id', 'ids far apart'"
    found = staged(**tables).rows(f"select sentence from input_findings where kind not in ({usual}) order by all")
    assert [sentence for (sentence,) in found] == told


def test_a_file_that_may_be_a_part_of_a_table_is_told(tmp_path):
    data = write_files(tmp_path)
    odd, others = ["invoices (1).csv", "invoices_2025.parquet", "feedback_2025.csv"], ["invoices_old.csv", "prices.csv"]
    for name in odd + others:
        (data / name).touch()
    told = "the file {} is not read. If it is a part of the table, put all parts into a folder {}/; if not, move it."
    assert findings(Staged(data), "unread file") == [
        (name, f"{table}: {told.format(name, table)}")
        for name, table in sorted((name, re.match("[a-z]+", name)[0]) for name in odd)
    ]


# --- the newest line ----------------------------------------------------------------------------------------------


def lines_on(tiny: TinyRuns, *days: tuple[int, int]) -> None:
    """Accepted invoice lines. days: day after the first one -> how many."""
    first = date(2024, 1, 1)
    tiny.connection.execute(
        "create schema helpers; create table helpers.judged_invoices "
        "(rejection_reason varchar, row_number bigint, invoice_id varchar, invoice_date date)"
    )
    for after, count in days:
        tiny.connection.execute(
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
def test_few_lines_long_after_all_others_do_not_say_what_day_it_is(tiny, later, told):
    lines_on(tiny, (0, 30), (30, 30), *later)
    words = few_after_a_gap(tiny.engine())
    assert (
        words.startswith(f"ipre input: {told} are dated more than 45 days after the last other line")
        if told
        else not words
    )
    assert not told or ("row 1 (I0, 2024-" in words and "as_of_date" in words and "accept_jump_on" in words)


@pytest.mark.parametrize("is_asked", [True, False])
def test_a_given_day_or_an_accepted_one_lets_them_pass(tiny, monkeypatch, is_asked):
    lines_on(tiny, (0, 30), (400, 1))
    for kind in ("rejected", "unreadable", "returned", "ambiguous"):
        monkeypatch.setattr(f"ipre.run.input_counts.too_much_{kind}", lambda *_: "")
    monkeypatch.setattr("ipre.run.input_counts.nothing_in_stock", lambda *_: "")
    monkeypatch.setattr("ipre.run.input_counts.count_rows", lambda *_: {})
    asked = {"ambiguous_ids": "", "max_rejected_share": 1, "newest_is_today": is_asked}
    if not is_asked:
        tiny.run().do_check_inputs(**asked)
        return
    with pytest.raises(Refused, match="1 of 31 invoice lines"):
        tiny.run().do_check_inputs(**asked)


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
    "products": """
        product_id,product_name,l2_category,l3_category,item
        B1,Bolt,x,y,BOLT
        B2,Bolt,x,y,BOLT
        B3,Bolt,x,y,BOLT
        N1,Nut,x,y,NUT
    """,
    "customers": "customer_id,customer_name,region,end_use\nC3,Ann,N,x\nC9,Ann & Co,N,x",
    "mergers": "from_id,into_id\nC3,C9",
    "stock": """
        product_id,product_name,l2_category,l3_category,unit_price,active,warehouse
        P3,Saw,x,y,30,yes,Main
        P3,Saw,x,y,9,no,Outlet
    """,
}
SUMS = (
    "select customer_id || ' ' || product_id || ' ' || cast(sum(cast(quantity as decimal(18, 4))) as integer) "
    "from erp.{} group by customer_id, product_id order by 1"
)
# View -> what is asked, and the answers in order.
GIVES = {
    "credit_notes_as_returns": (SUMS, "C1 P1 3, C2 K1 2, C2 P1 3, C3 K1 1, C3 P2 19"),
    "without_cancelled_documents": (SUMS, "C1 P1 5, C2 P1 3, C3 K1 1"),
    "in_pieces": (SUMS, "C1 P1 5, C2 K1 2, C2 P1 72, C3 K1 1, C3 P2 19"),
    "parts_of_kits": (SUMS, "C1 P1 5, C2 P1 7, C2 P3 2, C3 P1 2, C3 P2 19, C3 P3 1"),
    "newest_batches": ("select concat_ws(' ', product_id, replaced_by) from erp.{} order by 1", "B1 B3, B2 B3, B3, N1"),
    "merged_customers": ("select concat_ws(' ', customer_id, replaced_by) from erp.{} order by 1", "C3 C9, C9"),
    "products_of_the_main_warehouse": (
        "select concat_ws(' ', product_id, unit_price, active) from erp.{}",
        "P3 30 yes",
    ),
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
def test_a_view_of_the_page_settles_what_it_says_and_has_the_columns_of_an_input_table(views, name):
    columns = {column for column, *_ in views.execute(f"describe erp.{name}").fetchall()}
    assert any({*table.required} <= columns <= {*table.columns} for table in input_tables().values())
    query, answers = GIVES[name]
    assert ", ".join(answer for (answer,) in views.execute(query.format(name)).fetchall()) == answers
