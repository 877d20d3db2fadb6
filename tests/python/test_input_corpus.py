"""A corpus of what real exports hold. Each input gives the right value, a rejected row with a reason or one clear
error: never a wrong number, never a silent loss."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import dbt
from input_files import ALL, BAD_LINES, CUSTOMERS, FEEDBACK, INVOICES, PRODUCTS, as_text, write_files
from staged import ACCEPTED, Model, Staged, compiled_staging

from ipre.run.warehouse import Refused

LINES = len(INVOICES) - 1
LONG_NAME = "Ω" * 200
WILD_NAME = """Núñez "Roof", Söhne; 3/4' {{ 1/0 }} '); drop table stg_customers; -- \\ 屋根"""


@dataclass
class Case:
    """One input: the files that differ from the plain ones, and what comes of it.

    files: file name -> rows, text, bytes, None (no such file) or a function that writes it. stops: what the one
    error says. rejected: (table, row number, reason). gives: query -> rows. rows: data rows of the changed file.
    ratings: rows in the store of ratings. variables: parameters that the case needs.
    """

    name: str
    files: dict = field(default_factory=dict)
    stops: str | None = None
    rejected: list = field(default_factory=list)
    gives: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
    ratings: dict = field(default_factory=dict)
    variables: dict = field(default_factory=dict)


def lines_and(*more: list[str], **changed) -> dict:
    """The plain invoice lines and some more."""
    return {"invoices.csv": [*INVOICES, *more]}


def header_only(table: str) -> dict:
    return {f"{table}.csv": [ALL[table][0]]}


def parquet(query: str) -> Callable[[Path], None]:
    """Write a query's result as Parquet. `plain` in it is the table's CSV file."""

    def write(path: Path) -> None:
        table = path.name.partition(".")[0]
        source = path.parent / f"{table}.csv"
        with duckdb.connect() as connection:
            connection.read_csv(str(source), all_varchar=True).create_view("plain")
            connection.execute(f"copy ({query}) to '{path}' (format parquet)")
        source.unlink()

    return write


def cut_short(path: Path) -> None:
    parquet("from plain")(path)
    path.write_bytes(path.read_bytes()[:-20])


ONE_MORE = "I9,001,P1,7,2024-03-02\n"
PLAIN = as_text(INVOICES)
SUM = "select count(*), sum(quantity) from stg_invoice_lines"
PLAIN_SUM = [(LINES, sum(int(row[3]) for row in INVOICES[1:]))]
NOT_A_NUMBER = "quantity is not a number"
NOT_A_DATE = "invoice_date is not a date (YYYY-MM-DD)"

STOPS = [
    Case("an empty file", {"invoices.csv": b""}, "invoices.csv: it is empty. It must have a header line"),
    Case("nothing but blank lines", {"invoices.csv": "\n\n\n"}, "invoices.csv: it is empty"),
    *[
        Case(f"{table} with a header only", header_only(table), f"{table}.csv: there is no row after the header")
        for table in ALL
    ],
    Case(
        "a missing column",
        {"invoices.csv": [["invoice_id", "customer_id", "sku", "quantity", "invoice_date"], *INVOICES[1:]]},
        "invoices.csv: required column 'product_id' is missing. Columns found: invoice_id, customer_id, sku, quantity",
    ),
    Case(
        "a column in another spelling",
        {"customers.csv": [["Customer_ID", *CUSTOMERS[0][1:]], *CUSTOMERS[1:]]},
        "Rename 'Customer_ID' to 'customer_id': names are matched exactly",
    ),
    Case(
        "a repeated column",
        {"invoices.csv": [[*INVOICES[0], "quantity"], *[[*row, "999"] for row in INVOICES[1:]]]},
        "column 'quantity' stands 2 times in the header",
    ),
    *[
        Case(
            f"{words} instead of commas",
            {"products.csv": as_text(PRODUCTS, delimiter=sign)},
            f"required column 'product_id' is missing. Columns found: {sign.join(PRODUCTS[0])}. The columns seem to "
            f"be separated by {words}",
        )
        for sign, words in {";": "semicolons", "\t": "tabs", "|": "vertical bars"}.items()
    ],
    Case("a title above the header", {"invoices.csv": "Sales 2024\n" + PLAIN}, "Columns found: Sales 2024."),
    Case("a comment above the header", {"invoices.csv": "# export\n" + PLAIN}, "Columns found: # export."),
    Case("no header", {"invoices.csv": INVOICES[1:]}, "required column 'invoice_id' is missing. Columns found: I1"),
    Case(
        "Latin-1 in one line",
        {"customers.csv": as_text([*CUSTOMERS, ["007", "Núñez", "North", "Painting"]]).encode("latin-1")},
        "customers.csv: line 8: it is not UTF-8. Export the file as UTF-8",
    ),
    Case(
        "Latin-1 in the header",
        {"customers.csv": as_text([[*CUSTOMERS[0], "Größe"], *CUSTOMERS[1:]]).encode("latin-1")},
        "customers.csv: line 1: it is not UTF-8",
    ),
    Case("UTF-16", {"invoices.csv": PLAIN.encode("utf-16")}, "it is UTF-16 or not a text file"),
    Case("binary rubbish", {"invoices.csv": bytes(range(256)) * 10}, "it is UTF-16 or not a text file"),
    Case(
        "a quote that is never closed",
        {"invoices.csv": PLAIN + '"I9,001,P1,5,2024-03-01\n' + ONE_MORE},
        f"invoices.csv: line {LINES + 2}: a quoted value is not closed, or holds a quote that is not doubled",
    ),
    Case(
        "a quote inside a quoted value",
        {"products.csv": as_text(PRODUCTS) + 'P9,"5" Nail",Nails,Nails\n'},
        "products.csv: line 10: a quoted value is not closed, or holds a quote that is not doubled",
    ),
    Case(
        "a quote that swallows many lines and is closed by another mistake",
        {"invoices.csv": PLAIN + 'I9,001,"P1,5,2024-03-01\n' + ONE_MORE * 30 + 'I9,001,P2",5,2024-03-01\n' + ONE_MORE},
        f"invoices.csv: line {LINES + 2}: the quote that opens in column 'product_id' is closed in line {LINES + 33}",
    ),
    Case(
        "a quote that swallows the next line and is closed there by another mistake",
        {"invoices.csv": PLAIN + 'I9,001,"P1,5,2024-03-01\nI9,001,P2",5,2024-03-01\n' + ONE_MORE},
        f"invoices.csv: line {LINES + 2}: the quote that opens in column 'product_id' is closed in line {LINES + 3}",
    ),
    Case(
        "a line of three megabytes",
        {"customers.csv": as_text(CUSTOMERS) + "007," + "x" * 3_000_000 + ",North,Painting\n"},
        "customers.csv: line 8: the line is longer than 2 MB",
    ),
    Case(
        "Windows and Unix line ends in one file",
        {"invoices.csv": as_text(INVOICES, "\r\n") + ONE_MORE},
        "mixes Windows and Unix line ends",
    ),
    Case("no such file", {"products.csv": None}, "products.csv (or .parquet) is missing. Files found in"),
    Case(
        "a file in both formats",
        {"products.parquet": lambda path: path.write_bytes(b"")},
        "products.csv and",
    ),
    Case(
        "a folder in the place of a file",
        {"invoices.csv": lambda path: (path.unlink(), path.mkdir())},
        "invoices.csv: there is no .csv or .parquet file in it that is not empty",
    ),
    Case(
        "a CSV file that calls itself Parquet",
        {"invoices.parquet": lambda path: path.with_suffix(".csv").rename(path)},
        "invoices.parquet: it cannot be read",
    ),
    Case("a Parquet file cut short", {"invoices.parquet": cut_short}, "invoices.parquet: it cannot be read"),
    Case(
        "a Parquet file without a column",
        {"invoices.parquet": parquet("select * exclude (quantity) from plain")},
        "invoices.parquet: required column 'quantity' is missing",
    ),
    Case(
        "a Parquet file without rows",
        {"invoices.parquet": parquet("from plain limit 0")},
        "invoices.parquet: there is no row after the header",
    ),
]

THOUSANDS = "in 'quantity' may be"
STOPS += [
    Case(
        "points between thousands",
        lines_and(["I9", "001", "P1", "1.200", "2024-03-02"], ["I9", "001", "P2", "-2.400", "2024-03-02"]),
        f"invoices.csv: '1.200' {THOUSANDS} 1200 or 1 and a fraction: all 2 numbers with a point have three digits",
    ),
    Case(
        "points between thousands in texts of a Parquet file",
        {"invoices.parquet": parquet("from plain union all values ('I9', '001', 'P1', '12.000', '2024-03-02')")},
        f"invoices.parquet: '12.000' {THOUSANDS} 12000 or 12 and a fraction",
    ),
    Case(
        "points between the thousands of prices",
        {
            "products.csv": [
                [*PRODUCTS[0], "unit_price"],
                *[[*row, "1.250" if row[0] == "P1" else "80"] for row in PRODUCTS[1:]],
            ]
        },
        "products.csv: '1.250' in 'unit_price' may be 1250 or 1 and a fraction",
    ),
]

# Read, and too much of it rejected or in contradiction.
TOO_MUCH = [
    Case(
        "lines of other customers only",
        {"invoices.csv": [INVOICES[0], *[[row[0], f"X{row[1]}", *row[2:]] for row in INVOICES[1:]]]},
        f"{LINES} of {LINES} rows of invoices were rejected, so that none is left. Reasons: customer_id is not among "
        f"the accepted customers ({LINES})",
    ),
    Case(
        "dates of another country in half of the lines",
        lines_and(*[[f"G{n}", "001", "P1", "1", "31.12.2024"] for n in range(LINES)]),
        f"{LINES} of {2 * LINES} rows of invoices were rejected, more than max_rejected_share (0.3) allows. Reasons: "
        f"{NOT_A_DATE} ({LINES})",
    ),
    Case(
        "two products under one id that many lines name",
        {"products.csv": [*PRODUCTS, ["P1", "Other", "Paints", "Exterior"]]},
        "5 of 14 invoice lines stand on ids whose rows contradict each other, more than one in 20. "
        "products: 2 rows have the id P1 and contradict each other, from Other to Product 1; one of them was "
        "kept",
    ),
    Case(
        "two customers under one id that many lines name",
        {"customers.csv": [*CUSTOMERS, ["001", "Another 1", "South", "Roofing"]]},
        "3 of 14 invoice lines stand on ids whose rows contradict each other",
    ),
    Case(
        "prices that are no numbers in half of the rows",
        {
            "products.csv": [
                [*PRODUCTS[0], "unit_price"],
                *[[*row, "ask us" if row[0] > "P4" else "1.5"] for row in PRODUCTS[1:]],
            ]
        },
        "unit_price is no number in 4 of 8 rows of products, 'ask us' for example, more than max_rejected_share (0.3)",
    ),
    Case(
        "product ids that a spreadsheet wrote in scientific notation in both files",
        {
            "products.csv": [[*(["4.00638E+12"] if row[0] in "P1 P2" else row[:1]), *row[1:]] for row in PRODUCTS],
            "invoices.csv": [[*row[:2], "4.00638E+12" if row[2] in "P1 P2" else row[2], *row[3:]] for row in INVOICES],
        },
        "Reasons: product_id is in scientific notation, so its last digits are lost (10)",
    ),
]

REJECTED = [
    Case(
        f"the quantity {shown}",
        lines_and(["I9", "001", "P1", quantity, "2024-03-01"]),
        rejected=[("invoices", LINES + 1, reason)],
        rows={"invoices": LINES + 1},
        gives={SUM: PLAIN_SUM},
    )
    for shown, quantity, reason in [
        ("1,000 in quotes", "1,000", NOT_A_NUMBER),
        ("1.000,5", "1.000,5", NOT_A_NUMBER),
        ("NaN", "NaN", "quantity is missing"),
        ("inf", "inf", NOT_A_NUMBER),
        ("1e15", "1e15", NOT_A_NUMBER),
        ("0x10", "0x10", NOT_A_NUMBER),
        ("in words", "many", NOT_A_NUMBER),
        ("zero", "0.0", "quantity is 0"),
        ("empty", "", "quantity is missing"),
        ("of white space", " \t ", "quantity is missing"),
    ]
]
REJECTED += [
    Case(
        f"the date {date}",
        lines_and(["I9", "001", "P1", "1", date]),
        rejected=[("invoices", LINES + 1, reason)],
        rows={"invoices": LINES + 1},
        gives={"select as_of_date from as_of": [("2024-03-01",)]},
    )
    for date, reason in [
        ("31.12.2024", NOT_A_DATE),
        ("03/04/2024", NOT_A_DATE),
        ("20243101", NOT_A_DATE),
        ("31012024", NOT_A_DATE),
        ("00000000", NOT_A_DATE),
        ("45352", NOT_A_DATE),
        ("1 March 2024", NOT_A_DATE),
        ("2024-02-30", NOT_A_DATE),
        ("infinity", NOT_A_DATE),
        ("2205-03-01", "invoice_date is in the future"),
        ("9999-12-31", "invoice_date is in the future"),
    ]
]
REJECTED += [
    Case(
        "a line with too few values",
        {"invoices.csv": "\n".join([*PLAIN.splitlines()[:3], "I9,001,P1", *PLAIN.splitlines()[3:]])},
        rejected=[("invoices", 3, "the line has fewer values than the header")],
        rows={"invoices": LINES + 1},
        gives={
            SUM: PLAIN_SUM,
            "select row_values from rejected_rows": [('{"line":"I9,001,P1"}',)],
            "select row_number from stg_invoice_lines order by 1 limit 4": [(1,), (2,), (4,), (5,)],
        },
    ),
    Case(
        "a line with a thousands separator that is not quoted",
        {"invoices.csv": PLAIN + "I9,001,P1,1,000,2024-03-01\n" + ONE_MORE},
        rejected=[("invoices", LINES + 1, "the line has more values than the header")],
        rows={"invoices": LINES + 2},
        gives={"select quantity, row_number from stg_invoice_lines where invoice_id = 'I9'": [(7, LINES + 2)]},
    ),
    Case(
        "two broken lines behind one another and one at the start",
        {
            "invoices.csv": "\n".join(
                [PLAIN.splitlines()[0], "x", *PLAIN.splitlines()[1:3], "y", "z", *PLAIN.splitlines()[3:]]
            )
        },
        rejected=[("invoices", n, "the line has fewer values than the header") for n in (1, 4, 5)],
        rows={"invoices": LINES + 3},
        gives={"select row_number from stg_invoice_lines order by 1 limit 4": [(2,), (3,), (6,), (7,)]},
    ),
    Case(
        "a line of nothing but commas",
        {"invoices.csv": PLAIN + ",,,,\n"},
        rejected=[("invoices", LINES + 1, "invoice_id is missing")],
        rows={"invoices": LINES + 1},
    ),
    Case(
        "an id and a name with a line break",
        {
            "customers.csv": as_text(
                [*CUSTOMERS, ['"0\n7"', "Seven", "North", "Painting"], ["8", '"A\nB"', "North", "East"]]
            )
        },
        rejected=[
            ("customers", 7, "customer_id holds a line break (a quote that is not closed?)"),
            ("customers", 8, "customer_name holds a line break (a quote that is not closed?)"),
        ],
        rows={"customers": 8},
    ),
    Case(
        "a line twice",
        lines_and(INVOICES[1]),
        rejected=[("invoices", LINES + 1, "exact duplicate of an earlier line")],
        rows={"invoices": LINES + 1},
        gives={SUM: PLAIN_SUM},
    ),
    Case(
        "a customer and a product that nobody knows",
        lines_and(["I9", "999", "P1", "1", "2024-03-01"], ["I9", "001", "P99", "1", "2024-03-01"]),
        rejected=[
            ("invoices", LINES + 1, "customer_id is not among the accepted customers"),
            ("invoices", LINES + 2, "product_id is not among the accepted products"),
        ],
        rows={"invoices": LINES + 2},
    ),
    Case(
        "a customer twice with other content",
        {"customers.csv": [*CUSTOMERS, ["001", "Another 1", "South", "Roofing"]]},
        rejected=[("customers", 1, "duplicate customer_id, another row with it was kept")],
        rows={"customers": len(CUSTOMERS)},
        gives={"select customer_name from stg_customers where customer_id = '001'": [("Another 1",)]},
    ),
    Case(
        "a product twice with other content",
        {"products.csv": [*PRODUCTS, ["P1", "Other", "Paints", "Exterior"]]},
        rejected=[("products", 1, "duplicate product_id, another row with it was kept")],
        rows={"products": len(PRODUCTS)},
    ),
    Case(
        "a customer without trade",
        {"customers.csv": [*CUSTOMERS, ["007", "Seven", "North", " "]]},
        rejected=[("customers", 7, "end_use is missing")],
        rows={"customers": len(CUSTOMERS)},
    ),
    Case(
        "a rating that is none and one without date",
        {"feedback.csv": [*FEEDBACK, *[FEEDBACK[1]] * 5, ["001", "P6", "great", "", ""], ["001", "P6", "low", "", ""]]},
        rejected=[("feedback", 7, "rating is not High, Medium or Low")],
        rows={"feedback": 8},
        gives={"select rating from stg_feedback where product_id = 'P6'": [("Low",)]},
    ),
    Case(
        "a Parquet file with NaN, a missing id and a missing date",
        {
            "invoices.parquet": parquet(
                "select * replace (cast(quantity as double) as quantity) from plain "
                "union all values ('I9', '001', 'P1', 'nan'::double, '2024-03-01'), "
                "('I9', null, 'P1', 1, '2024-03-01'), ('I9', '001', 'P1', 1, null)"
            )
        },
        rejected=[
            ("invoices", LINES + 1, "quantity is missing"),
            ("invoices", LINES + 2, "customer_id is missing"),
            ("invoices", LINES + 3, "invoice_date is missing"),
        ],
        rows={"invoices": LINES + 3},
        gives={SUM: PLAIN_SUM},
    ),
]

SCIENTIFIC = "is in scientific notation, so its last digits are lost"
ROUNDED = "was rounded to 15 digits, as a spreadsheet does"
REJECTED += [
    Case(
        "ids in scientific notation, in every file",
        {
            "customers.csv": [*CUSTOMERS, ["4.00638E+12", "Seven", "North", "Painting"]],
            "products.csv": [*PRODUCTS, ["4,00638E+12", "Nine", "Paints", "Interior"]],
            "invoices.csv": [
                *INVOICES,
                ["4E+15", "001", "P1", "1", "2024-03-01"],
                ["I9", "1.7e+07", "P1", "1", "2024-03-01"],
                ["I9", "001", "4.00638E+12", "1", "2024-03-01"],
            ],
            "feedback.csv": [*FEEDBACK, *[FEEDBACK[1]] * 3, ["4.00638E+12", "P5", "High", "2024-02-01", ""]],
        },
        rejected=[
            ("customers", 7, f"customer_id {SCIENTIFIC}"),
            ("feedback", 5, f"customer_id {SCIENTIFIC}"),
            ("invoices", LINES + 1, f"invoice_id {SCIENTIFIC}"),
            ("invoices", LINES + 2, f"customer_id {SCIENTIFIC}"),
            ("invoices", LINES + 3, f"product_id {SCIENTIFIC}"),
            ("products", 9, f"product_id {SCIENTIFIC}"),
        ],
        rows={"customers": 7, "products": 9, "invoices": LINES + 3, "feedback": 5},
    ),
]
REJECTED += [
    Case(
        "ids that a spreadsheet rounded to 15 digits",
        {
            "products.csv": [
                *PRODUCTS,
                ["4006381333931200", "Nail", "Paints", "Interior"],
                ["4006381333931200", "Saw", "Paints", "Interior"],
            ],
            "invoices.csv": [
                *INVOICES,
                ["I9", "001", "4006381333931200", "1", "2024-03-01"],
                ["I9", "001", "4006381333937000000", "1", "2024-03-01"],
            ],
        },
        rejected=[
            *[("invoices", LINES + n, f"product_id {ROUNDED}") for n in (1, 2)],
            *[("products", n, f"product_id {ROUNDED}") for n in (9, 10)],
        ],
        rows={"products": 10, "invoices": LINES + 2},
    ),
    Case(
        "ids that a Parquet file keeps as floats above 2^53",
        {
            "invoices.parquet": parquet(
                "select * replace (cast(substr(invoice_id, 2) as double) as invoice_id) from plain "
                "union all values (9007199254740993, '001', 'P1', '1', '2024-03-01')"
            )
        },
        rejected=[("invoices", LINES + 1, f"invoice_id {SCIENTIFIC}")],
        rows={"invoices": LINES + 1},
    ),
    Case(
        "ids that a Parquet file keeps as short floats above 2^24",
        {
            "invoices.parquet": parquet(
                "select * replace (cast(substr(invoice_id, 2) as float) as invoice_id) from plain "
                "union all values (16777217::float, '001', 'P1', '1', '2024-03-01')"
            )
        },
        rejected=[("invoices", LINES + 1, f"invoice_id {SCIENTIFIC}")],
        rows={"invoices": LINES + 1},
    ),
    Case(
        "a rating from the year 2205",
        {"feedback.csv": [*FEEDBACK, *[FEEDBACK[1]] * 3, ["001", "P6", "High", "2205-02-01", ""]]},
        rejected=[("feedback", 5, "rated_at is in the future")],
        rows={"feedback": 5},
    ),
    Case(
        "words for nothing",
        {
            "customers.csv": [
                [*CUSTOMERS[0], "city"],
                *[[*row, "NULL"] for row in CUSTOMERS[1:]],
                ["007", "#N/A", "North", "Painting", ""],
            ],
            "invoices.csv": [
                *INVOICES,
                ["I9", "null", "P1", "1", "2024-03-01"],
                ["I9", "001", "P1", "\\N", "2024-03-01"],
            ],
        },
        rejected=[
            ("customers", 7, "customer_name is missing"),
            ("invoices", LINES + 1, "customer_id is missing"),
            ("invoices", LINES + 2, "quantity is missing"),
        ],
        rows={"customers": 7, "invoices": LINES + 2},
        gives={
            "select count(city) from stg_customers": [(0,)],
            "select source_table, subject, row_count from input_findings order by all": [
                ("customers", "city", 6),
                ("customers", "customer_name", 1),
                ("invoices", "customer_id", 1),
                ("invoices", "quantity", 1),
            ],
        },
    ),
    Case(
        "returns in a writing that nobody reads",
        lines_and(*[["I9", "001", f"P{n}", f"{n} CR-", "2024-03-01"] for n in (1, 2, 3)]),
        rejected=[("invoices", LINES + n, NOT_A_NUMBER) for n in (1, 2, 3)],
        rows={"invoices": LINES + 3},
        gives={
            "select kind, sentence from input_findings": [
                (
                    "rejected class",
                    "invoices: all 3 rows with a negative quantity were rejected, for one reason: "
                    "quantity is not a number.",
                )
            ]
        },
    ),
    Case(
        "a month whose dates are written in another way",
        lines_and(*[["I9", "001", f"P{n}", "1", f"0{n}.02.2024"] for n in (1, 2, 3)]),
        rejected=[("invoices", LINES + n, NOT_A_DATE) for n in (1, 2, 3)],
        rows={"invoices": LINES + 3},
        gives={
            "select subject, row_count from input_findings": [("month 02.2024", 3)],
        },
    ),
    Case(
        "a region without trades, and the lines of its customers",
        {
            "customers.csv": [*CUSTOMERS, *[[f"S{n}", f"South {n}", "South", ""] for n in (1, 2)]],
            "invoices.csv": [*INVOICES, *[["I9", f"S{n % 2 + 1}", f"P{n}", "1", "2024-03-01"] for n in (1, 2, 3)]],
        },
        rejected=[
            *[("customers", n, "end_use is missing") for n in (7, 8)],
            *[("invoices", LINES + n, "customer_id is not among the accepted customers") for n in (1, 2, 3)],
        ],
        rows={"customers": 8, "invoices": LINES + 3},
        gives={
            "select sentence from input_findings": [
                (
                    "invoices: all 3 rows of the region South were rejected, for one reason: customer_id is not among "
                    "the accepted customers.",
                )
            ]
        },
    ),
    Case(
        "lists kept by hand in which most rows are stale",
        {
            "overrides.csv": [
                ["action", "product_id", "valid_until"],
                ["exclude", "P1", ""],
                ["exclude", "P99", ""],
                ["pin", "P98", ""],
                ["pin", "P1", "soon"],
            ],
            "account_managers.csv": [["user", "role"], ["ann", "boss"]],
        },
        rejected=[
            ("account_managers", 1, "role is not rep or manager"),
            ("overrides", 2, "product_id is not among the accepted products"),
            ("overrides", 3, "product_id is not among the accepted products"),
            ("overrides", 4, "valid_until is not a date (YYYY-MM-DD)"),
        ],
        gives={
            "select action from helpers.judged_overrides where rejection_reason is null": [("exclude",)],
            "select kind, row_count, sentence from input_findings order by sentence": [
                ("rejected row", 1, "account_managers: a row does nothing: role is not rep or manager."),
                ("rejected row", 2, "overrides: 2 rows do nothing: product_id is not among the accepted products."),
                ("rejected row", 1, "overrides: a row does nothing: valid_until is not a date (YYYY-MM-DD)."),
            ],
        },
    ),
    Case(
        "two products under one id that few lines name",
        {"products.csv": [*PRODUCTS, ["P8", "Other", "Paints", "Exterior"], ["P8", "Third", "Paints", "Exterior"]]},
        rejected=[("products", n, "duplicate product_id, another row with it was kept") for n in (8, 10)],
        rows={"products": 10},
        gives={
            "select kind, subject, row_count, sentence from input_findings": [
                (
                    "contradicting id",
                    "P8",
                    3,
                    "products: 3 rows have the id P8 and contradict each other, from Other to Third; one of them was "
                    "kept.",
                )
            ]
        },
    ),
    Case(
        "a product twice that differs in case and in its price only",
        {
            "products.csv": [
                [*PRODUCTS[0], "unit_price"],
                *[[*row, "2.50"] for row in PRODUCTS[1:]],
                ["P1", "PRODUCT  1", "Paints", "Interior", "2.60"],
            ]
        },
        rejected=[("products", 1, "duplicate product_id, another row with it was kept")],
        rows={"products": 9},
        gives={"select count(*) from input_findings where kind = 'contradicting id'": [(0,)]},
    ),
]

# Days after that of the run, by the clock of this machine.
TOMORROW, IN_TWO_DAYS, IN_THREE_DAYS = (str(date.today() + timedelta(days=days)) for days in (1, 2, 3))


def first(number: int, table: str, *reasons: str) -> list[tuple]:
    """Rows of a table rejected one after another, from this number on."""
    return [(table, number + place, reason) for place, reason in enumerate(reasons)]


def rows(text: str) -> list[dict]:
    """Rows from CSV text."""
    return list(csv.DictReader(text.split()))


UNKNOWN_CUSTOMER = "customer_id is not among the accepted customers"
UNKNOWN_PRODUCT = "product_id is not among the accepted products"
MANAGERS = ["Ada", "Ada", "Ben", "", "", ""]
MANAGED = as_text([[*row, name] for row, name in zip(CUSTOMERS, ["account_manager", *MANAGERS], strict=True)])
REJECTED += [
    Case(
        "lines that cannot be trusted, each for its first reason",
        {"invoices.csv": [*INVOICES, *BAD_LINES]},
        rejected=first(
            LINES + 1,
            "invoices",
            "invoice_id is missing",
            UNKNOWN_CUSTOMER,
            UNKNOWN_PRODUCT,
            NOT_A_NUMBER,
            "quantity is missing",
            NOT_A_NUMBER,
            "quantity is 0",
            *[NOT_A_DATE] * 2,
            "quantity is missing",
        ),
        gives={
            f"select row_values from rejected_rows where row_number = {LINES + 4}": [
                (
                    '{"invoice_id":"X3","customer_id":"001","product_id":"P1","quantity":"many",'
                    '"invoice_date":"2024-03-01"}',
                )
            ]
        },
    ),
    Case(
        "customers and products without what they need",
        {
            "customers.csv": as_text(CUSTOMERS) + ",No id,North,Painting\n008,,North,Painting\n009,Nine,,Painting\n",
            "products.csv": [*PRODUCTS, ["P9", "No category", " ", "Interior"]],
        },
        rejected=[
            *first(7, "customers", "customer_id is missing", "customer_name is missing", "region is missing"),
            ("products", 9, "l2_category is missing"),
        ],
    ),
    Case(
        "a customer twice, of whom the content decides which is kept and not the order of the rows",
        {"customers.csv": MANAGED + "007,Eve,North,Painting,Zoe\n007,Eve,North,Painting,Ann\n"},
        rejected=[("customers", 7, "duplicate customer_id, another row with it was kept")],
    ),
    Case(
        "of lines that differ only in how the quantity is written the first is kept",
        lines_and(*[["I9", "001", *what.split(), "2024-03-01"] for what in ("P1 2", "P1 2.0", "P1 3", "P2 2")]),
        rejected=[("invoices", LINES + 2, "exact duplicate of an earlier line")],
    ),
    Case(
        "ratings that cannot be trusted",
        {
            "feedback.csv": as_text([*FEEDBACK, *[FEEDBACK[1]] * 9])
            + f"001,P7,low,yesterday,\n999,P7,low,,\n001,P7,low,{IN_TWO_DAYS},\n"
        },
        rejected=first(
            11, "feedback", "rated_at is not a date (YYYY-MM-DD)", UNKNOWN_CUSTOMER, "rated_at is in the future"
        ),
    ),
    Case(
        "invoices of tomorrow, which a time zone explains, and of the day after",
        lines_and(["I9", "001", "P1", "1", TOMORROW], ["I9", "001", "P2", "1", IN_TWO_DAYS]),
        rejected=[("invoices", LINES + 2, "invoice_date is in the future")],
        gives={"select as_of_date from as_of": [(TOMORROW,)]},
    ),
    Case(
        "overrides that name nobody or nothing that is there",
        {
            "customers.csv": MANAGED,
            "overrides.csv": """\
action,customer_id,account_manager,product_id,l3_category,l2_category,valid_from,valid_until
EXCLUDE,,,,INTERIOR ,,,
pin,001,Ada,P1,,paints,2024-01-31,2024-01-31
hide,,,P1,,,,
exclude,,,,,,,
pin,001,,,,,,
exclude,C9,,,,,,
exclude,,Lee,,,,,
exclude,,,P9,,,,
exclude,,,,Axes,,,
exclude,,,,,Tools,,
exclude,,,P1,,,today,
exclude,,,P1,,,,31.01.2024
exclude,,,P1,,,2024-02-01,2024-01-31
,,,P1,,,,
""",
        },
        rejected=first(
            3,
            "overrides",
            "action is not exclude or pin",
            "it names no customer, account manager, product or category",
            "a pin names no product_id",
            UNKNOWN_CUSTOMER,
            "account_manager looks after no accepted customer",
            UNKNOWN_PRODUCT,
            "l3_category is that of no accepted product",
            "l2_category is that of no accepted product",
            "valid_from is not a date (YYYY-MM-DD)",
            "valid_until is not a date (YYYY-MM-DD)",
            "valid_until is before valid_from",
            "action is missing",
        ),
        gives={
            "select action, l3_category, l2_category, valid_until from stg_overrides order by row_number": [
                ("exclude", "Interior", None, None),
                ("pin", None, "Paints", "2024-01-31"),
            ]
        },
    ),
    Case(
        "an access list in which it is in doubt who sees whose customers",
        {
            "customers.csv": MANAGED,
            "account_managers.csv": "user,role,account_manager\nada,Rep,Ada\nADA,rep,Ada\nada,rep,Ben\n"
            "boss,MANAGER,\neve,rep,\neve,rep,Eve\neve,admin,Ada\n,manager,\n",
        },
        rejected=[
            ("account_managers", 2, "the same row again, another one was kept"),
            ("account_managers", 5, "account_manager is missing, whose customers a rep sees"),
            ("account_managers", 6, "account_manager is not that of any accepted customer"),
            ("account_managers", 7, "role is not rep or manager"),
            ("account_managers", 8, "user is missing"),
        ],
        gives={
            "select user_name, role, account_manager from account_managers order by row_number": [
                ("ada", "rep", "Ada"),
                ("ada", "rep", "Ben"),
                ("boss", "manager", None),
            ]
        },
    ),
    Case(
        "a store of ratings that holds whatever it may",
        ratings={
            "rating_events": rows(
                f"""event_id,customer_id,product_id,rating,rated_by,rated_at,channel,reason_code,rank,score
                E1,001,P1,high,Ada,2024-01-31T22:50:26.500000Z,app,price,3,0.5
                E2,001,P1,WITHDRAWN,Ada,{TOMORROW}T00:00:00Z,worksheet,,,
                E3,001,P1,Low,Ada,2024-01-31T22:50:26-0500,import,,,
                E3,001,P1,High,Ada,2024-01-31T22:50:26Z,app,,,
                E5,C9,P1,Low,Ada,2024-01-31T22:50:26Z,app,,,
                E6,001,P99,Low,Ada,2024-01-31T22:50:26Z,app,,,
                E7,001,P1,good,Ada,2024-01-31T22:50:26Z,app,,,
                E8,001,P1,Low,Ada,2024-01-31T22:50:26Z,app,dear,,
                E9,001,P1,Low,Ada,2024-01-31T22:50:26Z,email,,,
                E10,001,P1,Low,Ada,2024-02-30T22:50:26Z,app,,,
                E11,001,P1,Low,Ada,{IN_THREE_DAYS}T00:00:00Z,app,,,
                E12,001,P1,Low,,2024-01-31T22:50:26Z,app,,,
                E13,001,P1,Low,Ada,2024-01-31T22:50:26Z,app,,0,
                E14,001,P1,Low,Ada,2024-01-31T22:50:26Z,app,,first,
                E15,001,P1,Low,Ada,2024-01-31T22:50:26Z,app,,,much"""
            ),
            "list_openings": rows(
                f"""opening_id,customer_id,run_id,opened_by,opened_at
                O1,001,R1,Ada,2024-05-20T06:00:00.250000Z
                O1,001,R1,Ada,2024-05-20T06:00:00Z
                O3,C9,R1,Ada,2024-05-20T06:00:00Z
                O4,001,,Ada,2024-05-20T06:00:00Z
                O5,001,R1,Ada,this-morning
                O6,001,R1,Ada,{IN_THREE_DAYS}T00:00:00Z"""
            ),
        },
        rejected=[
            *first(
                4,
                "rating_events",
                "duplicate event_id, another row with it was kept",
                UNKNOWN_CUSTOMER,
                UNKNOWN_PRODUCT,
                "rating is not High, Medium, Low or Withdrawn",
                "reason_code is not buys_elsewhere, no_need, price, out_of_stock, wrong_fit",
                "channel is not app, worksheet, import",
                "rated_at is not a time (YYYY-MM-DDTHH:MM:SSZ)",
                "rated_at is in the future",
                "rated_by is missing",
                *["rank is not a whole number of 1 or more"] * 2,
                "score is not a number",
            ),
            *first(
                2,
                "list_openings",
                "duplicate opening_id, another row with it was kept",
                UNKNOWN_CUSTOMER,
                "run_id is missing",
                "opened_at is not a time (YYYY-MM-DDTHH:MM:SSZ)",
                "opened_at is in the future",
            ),
        ],
        gives={
            "select rating, rank, score, rated_at_utc from stg_rating_events order by row_number": [
                ("High", 3, 0.5, "2024-01-31 22:50:26.500000"),
                ("Withdrawn", None, None, f"{TOMORROW} 00:00:00"),
                ("Low", None, None, "2024-02-01 03:50:26"),
            ],
            "select opened_at_utc from stg_list_openings": [("2024-05-20 06:00:00.250000",)],
        },
    ),
]

RIGHT = [
    Case(f"harmless in a CSV file: {name}", {"invoices.csv": content}, rows={"invoices": LINES}, gives={SUM: PLAIN_SUM})
    for name, content in [
        ("a byte-order mark", "\ufeff" + PLAIN),
        ("a byte-order mark before a quoted header", "\ufeff" + '"invoice_id"' + PLAIN.removeprefix("invoice_id")),
        ("Windows line ends", as_text(INVOICES, "\r\n")),
        ("line ends of old Macs", as_text(INVOICES, "\r")),
        ("blank lines", PLAIN.replace("\n", "\n\n", 3) + "\n\n"),
        ("no last line end", PLAIN.rstrip()),
        ("everything quoted", as_text([[f'"{value}"' for value in row] for row in INVOICES])),
        ("spaces around names and values", as_text([[f" {value} " for value in row] for row in INVOICES])),
        ("an empty last column", as_text([[*row, ""] for row in INVOICES])),
        ("a column that differs in case", as_text([[*INVOICES[0], "QUANTITY"], *[[*r, "9"] for r in INVOICES[1:]]])),
        ("other columns in another order", as_text([[*reversed(row), "note"] for row in INVOICES])),
        ("two unnamed columns", as_text([["", *INVOICES[0], ""], *[["1", *row, "2"] for row in INVOICES[1:]]])),
    ]
]
RIGHT += [
    Case(
        f"the quantity {written}",
        lines_and(["I9", "001", "P1", written, "2024-03-01"]),
        rows={"invoices": LINES + 1},
        gives={"select cast(quantity as varchar) from stg_invoice_lines where invoice_id = 'I9'": [(read,)]},
    )
    for written, read in [
        ("1e3", "1000.0000"),
        ("+4.0", "4.0000"),
        ("-2.50", "-2.5000"),
        (".5", "0.5000"),
    ]
]
HIDDEN = list(enumerate("\u200b\ufeff\u202f\u3000\u2007\u00ad\u00a0\u2060\u200e\u180e\t"))
WRITINGS = {
    "'-2": -2, "'7": 7, "\u20197": 7, "3-": -3, "3.5 -": -3.5, "(4)": -4, "( 4.25 )": -4.25, "\u22122": -2,
    "\u20132": -2, "\uff0d2": -2, "- 2": -2,
}  # fmt: skip
RIGHT += [
    Case(
        "returns and other numbers as spreadsheets, ledgers and typographers write them",
        lines_and(*[[f"W{n:02}", "001", "P1", written, "2024-03-01"] for n, written in enumerate(WRITINGS)]),
        rows={"invoices": LINES + len(WRITINGS)},
        gives={
            "select cast(quantity as double) from stg_invoice_lines where invoice_id like 'W%' order by invoice_id": [
                (read,) for read in WRITINGS.values()
            ]
        },
    ),
    Case(
        "a file that writes three decimals throughout",
        {"invoices.csv": [INVOICES[0], *[[*row[:3], f"{row[3]}.000", row[4]] for row in INVOICES[1:]]]},
        rows={"invoices": LINES},
        gives={SUM: PLAIN_SUM},
    ),
    *[
        Case(
            f"three decimals beside whole numbers, but {why}",
            lines_and(*[[f"I9{n}", "001", "P1", number, "2024-03-02"] for n, number in enumerate(numbers)]),
            rows={"invoices": LINES + len(numbers)},
            gives={
                "select cast(max(quantity) as varchar) from stg_invoice_lines where invoice_id like 'I9%'": [(largest,)]
            },
        )
        for why, numbers, largest in [
            ("a plain number reaches 1,000", ["1.250", "1000"], "1000.0000"),
            ("one with two decimals as well", ["1.250", "1.25"], "1.2500"),
            ("none that begins as thousands do", ["0.250"], "0.2500"),
            ("with more digits before the point than a group has", ["1250.500"], "1250.5000"),
        ]
    ],
    Case(
        "one long id that happens to end in a zero",
        {"products.csv": [*PRODUCTS, ["4006381333931230", "Nail", "Paints", "Interior"]]},
        rows={"products": 9},
    ),
    Case(
        "long ids of which some end in zeros",
        {
            "products.csv": [
                *PRODUCTS,
                ["4006381333931230", "Nail", "Paints", "Interior"],
                ["4006381333931240", "Nail 2", "Paints", "Interior"],
                ["4006381333931257", "Saw", "Paints", "Interior"],
            ]
        },
        rows={"products": 11},
    ),
    Case(
        "ids of 18 digits with zeros before them",
        {"products.csv": [*PRODUCTS, *[[f"00000000000{n}000000", "Nail", "Paints", "Interior"] for n in (1, 2)]]},
        rows={"products": 10},
    ),
    Case(
        "ids that look like numbers of another kind",
        {"products.csv": [*PRODUCTS, *[[sku, "Nail", "Paints", "Interior"] for sku in ("1E5", "12E-3", "4.0", "+7")]]},
        rows={"products": 12},
    ),
    Case(
        "ids with characters that nobody sees at their edges and inside",
        {
            "customers.csv": [*CUSTOMERS, *[[f"{sign}X{n:02}", "Ex", "North", "Painting"] for n, sign in HIDDEN]],
            "invoices.csv": [
                *INVOICES,
                *[[f"H{n}", f"X{sign}{n:02}{sign}", "P1", "1", "2024-03-01"] for n, sign in HIDDEN],
            ],
        },
        rows={"customers": 6 + len(HIDDEN), "invoices": LINES + len(HIDDEN)},
        gives={
            "select distinct customer_id from stg_invoice_lines where customer_id like 'X%' order by 1": [
                (f"X{n:02}",) for n, _ in HIDDEN
            ]
        },
    ),
    Case(
        "an id in composed and in decomposed form",
        {
            "customers.csv": [*CUSTOMERS, ["Caf\u00e9", "Seven", "North", "Painting"]],
            "invoices.csv": [*INVOICES, ["I9", "Cafe\u0301", "P1", "1", "2024-03-01"]],
        },
        rows={"customers": 7, "invoices": LINES + 1},
    ),
    Case(
        "a blank inside an id, which may belong there, and odd ones around a name",
        {"customers.csv": [*CUSTOMERS, [" A 7\u3000", "\u200b Jos\u00e9\u00a0Roofs \ufeff", "North", "Painting"]]},
        rows={"customers": 7},
        gives={
            "select customer_id, customer_name from stg_customers where customer_id like 'A%'": [
                ("A 7", "Jos\u00e9\u00a0Roofs")
            ]
        },
    ),
    Case(
        "names that only look like nothing",
        {"customers.csv": [*CUSTOMERS, *[[f"8{n}", n, "NA", "none"] for n in ("Null", "NA", "N/A", "none", "nil")]]},
        rows={"customers": 11},
        gives={"select count(*) from input_findings": [(0,)]},
    ),
    Case(
        "regions, trades and categories in several spellings",
        {
            "customers.csv": [
                *CUSTOMERS,
                ["007", "Seven", "NORTH", "painting"],
                ["008", "Eight", " north\u200b", "Pain ting"],
                ["009", "Nine", "S\u00fcd", "Painting"],
                ["010", "Ten", "Su\u0308d", "Painting"],
            ],
            "products.csv": [*PRODUCTS, ["P9", "Nine", "PAINTS", "interior"]],
        },
        rows={"customers": 10, "products": 9},
        gives={
            "select segment, count(*) from stg_customers group by segment order by segment": [
                ("North_Painting", 8),
                ("Su\u0308d_Painting", 2),
            ],
            "select distinct l2_category, l3_category from stg_products": [("Paints", "Interior")],
            "select sentence from input_findings where subject = 'region North'": [
                (
                    "customers: 2 rows spell the region North in another way, NORTH for example, and are taken for the "
                    "same.",
                )
            ],
        },
    ),
    Case(
        "segments that would be written alike",
        {
            "customers.csv": [
                *CUSTOMERS,
                ["007", "Seven", "North_East", "Roofing"],
                ["008", "Eight", "North", "East_Roofing"],
            ]
        },
        rows={"customers": 8},
        gives={
            "select segment, count(*) from stg_customers group by segment order by segment": [
                ("North_East_Roofing (North + East_Roofing)", 1),
                ("North_East_Roofing (North_East + Roofing)", 1),
                ("North_Painting", 6),
            ]
        },
    ),
    Case(
        "ids in never_recommend that match no product",
        rows={"products": 8},
        variables={"never_recommend": ["P1", "P\u200b2", "0010"]},
        gives={
            "select sentence, row_count from input_findings": [
                ("products: never_recommend names 0010, which is no product_id.", 0)
            ]
        },
    ),
]
RIGHT += [
    Case(
        f"the date {written}",
        lines_and(["I9", "001", "P1", "1", written]),
        rows={"invoices": LINES + 1},
        gives={"select cast(invoice_date as varchar) from stg_invoice_lines where invoice_id = 'I9'": [(read,)]},
    )
    for written, read in [
        ("2024-02-29 23:59:59.999", "2024-02-29"),
        ("2024-02-29T23:30:00-08:00", "2024-02-29"),
        ("2024/2/9", "2024-02-09"),
        ("20240229", "2024-02-29"),
        ("20240229.0", "2024-02-29"),
    ]
]
RIGHT += [
    Case(
        "ids with leading zeros",
        rows={"customers": 6},
        gives={"select min(customer_id) from stg_invoice_lines": [("001",)]},
    ),
    Case(
        "names of 200 characters, with quotes, semicolons and whatever looks like code",
        {"customers.csv": [*CUSTOMERS, ["007", LONG_NAME, "North", "Painting"], ["8", WILD_NAME, "North", "Painting"]]},
        rows={"customers": 8},
        gives={
            "select customer_name from stg_customers where customer_id in ('007', '8') order by customer_id": [
                (LONG_NAME,),
                (WILD_NAME,),
            ]
        },
    ),
    Case(
        "an inch sign in a value without quotes",
        {"products.csv": as_text(PRODUCTS) + 'P9,5" Nail,Nails,Nails\n'},
        rows={"products": 9},
        gives={"select product_name from stg_products where product_id = 'P9'": [('5" Nail',)]},
    ),
    Case(
        "ids that look like paths and SQL",
        {
            "products.csv": [
                *PRODUCTS,
                ["../../etc/x", "A", "B", "C"],
                ["'; drop table stg_products; --", "A", "B", "C"],
            ]
        },
        rows={"products": 10},
        gives={"select count(*) from stg_products": [(10,)]},
    ),
    Case(
        "a price that is no number",
        {"products.csv": [[*PRODUCTS[0], "unit_price"], *[[*row, "ask"] for row in PRODUCTS[1:]]]},
        rows={"products": 8},
        gives={
            "select count(*), count(unit_price) from stg_products": [(8, 0)],
            "select kind, sentence, row_count from input_findings": [
                (
                    "unreadable number",
                    "products: unit_price is no number in 8 rows, ask for example, and counts as an empty cell.",
                    8,
                )
            ],
        },
    ),
    Case("no feedback", rows={"feedback": 0}),
    Case("feedback with a header only", {"feedback.csv": FEEDBACK[:1]}, rows={"feedback": 0}),
    Case(
        "a comment over several lines and ratings in any case",
        {
            "feedback.csv": [
                *FEEDBACK,
                ["001", "P6", "HIGH", "2024-02-01", 'one\n"two"\nthree'],
                ["002", "P6", "low", "", ""],
            ]
        },
        rows={"feedback": 3},
        gives={"select rating, comment from stg_feedback where row_number = 2": [("High", 'one\n"two"\nthree')]},
    ),
]
RIGHT += [
    Case(
        f"Parquet: {name}",
        {f"{table}.parquet": parquet(f"select * replace ({columns}) from plain") for table, columns in tables.items()},
        rows={table: len(ALL[table]) - 1 for table in tables},
        gives={SUM: PLAIN_SUM, "select count(distinct customer_id) from stg_invoice_lines": [(5,)]},
    )
    for name, tables in {
        "text": {"invoices": "quantity as quantity"},
        "whole numbers as ids": {
            "customers": "cast(customer_id as integer) as customer_id",
            "invoices": "cast(customer_id as bigint) as customer_id",
        },
        "ids that pandas made floats": {
            "customers": "cast(customer_id as bigint) as customer_id",
            "invoices": "cast(customer_id as double) as customer_id",
        },
        "ids as decimals": {
            "customers": "cast(customer_id as decimal(18, 0)) as customer_id",
            "invoices": "cast(customer_id as decimal(18, 2)) as customer_id",
        },
        "ids as bytes": {"invoices": "cast(customer_id as blob) as customer_id"},
        "floats and dates": {
            "invoices": "cast(quantity as float) as quantity, cast(invoice_date as date) as invoice_date"
        },
        "decimals and timestamps": {
            "invoices": "cast(quantity as decimal(20, 6)) as quantity, cast(invoice_date as timestamp) as invoice_date"
        },
        "timestamps with time zone": {
            "invoices": "cast(invoice_date || ' 23:30:00+00' as timestamptz) as invoice_date"
        },
        "a category column": {"customers": "cast(region as enum ('North')) as region"},
    }.items()
]

SAYS = {
    "No": False, "FALSE": False, "0": False, "n": False, "0.0": False, "Y": True, "": True, "maybe": True, "True": True,
}  # fmt: skip
ZONES = ["", "Z", " UTC", "+01", "-0500", "+05:30", " -08:00"]
TIMES = [f"2024-02-01{sep}{time}{zone}" for sep in " T" for time in ("9:05", "22:50", "22:50:26.5") for zone in ZONES]


def moments(text: str) -> tuple[str, str]:
    """A time as written and in UTC, as Python reads it."""
    padded = text.replace(" UTC", "Z").replace("T9", "T09").replace(" 9", " 09")
    read = datetime.fromisoformat(re.sub(r" ([+-])", r"\1", padded))
    written = read.replace(tzinfo=None)
    return str(written), str(read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else written)


RIGHT += [
    Case(
        "answers of people, databases and pandas whether a product is still sold",
        {
            "products.csv": [
                [*PRODUCTS[0], "active"],
                *[[*row, ""] for row in PRODUCTS[1:]],
                *[[f"S{n}", "Saw", "Tools", "Saws", answer] for n, answer in enumerate(SAYS)],
            ]
        },
        rows={"products": 8 + len(SAYS)},
        gives={
            "select is_active from stg_products where product_id like 'S%' order by product_id": [
                (is_sold,) for is_sold in SAYS.values()
            ],
            "select sentence from input_findings": [
                ("products: active is maybe in 1 rows, which is neither yes nor no, and counts as yes.",)
            ],
        },
    ),
    Case(
        "times of ratings with and without a zone: of two the one given later counts, wherever it was given",
        {
            "products.csv": [
                PRODUCTS[0],
                *[[f"P{n}", f"Product {n}", "Paints", "Interior"] for n in range(len(TIMES))],
            ],
            "feedback.csv": [FEEDBACK[0], *[["001", f"P{n}", "High", text, ""] for n, text in enumerate(TIMES)]],
        },
        rows={"feedback": len(TIMES)},
        gives={"select rated_at, rated_at_utc from stg_feedback order by row_number": [*map(moments, TIMES)]},
    ),
]


@pytest.fixture(scope="module")
def staging(tmp_path_factory) -> Callable[[dict], list[Model]]:
    """Give staging as compiled with some parameters, each set of them once."""
    compiled: dict[str, list[Model]] = {}

    def models(variables: dict) -> list[Model]:
        key = str(variables)
        if key not in compiled:
            compiled[key] = compiled_staging(tmp_path_factory.mktemp("compiled"), variables)
        return compiled[key]

    return models


def write_case(data: Path, case: Case) -> Path:
    """Write the case's files."""
    write_files(data)
    for name, content in case.files.items():
        path = data / name
        match content:
            case None:
                path.unlink()
            case bytes():
                path.write_bytes(content)
            case str():
                path.write_bytes(content.encode())
            case list():
                write_files(data, **(dict.fromkeys(ALL) | {path.stem: content}))
            case _:
                content(path)
    return data


def name_of(case: Case) -> str:
    return case.name


def test_the_corpus_is_large_and_names_each_input_once():
    names = [case.name for case in [*STOPS, *TOO_MUCH, *REJECTED, *RIGHT]]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("case", STOPS, ids=name_of)
def test_what_cannot_be_read_is_refused_with_one_line(staging, tmp_path, case):
    with pytest.raises(Refused) as refused:
        Staged([], write_case(tmp_path / "data", case))
    assert str(refused.value).startswith("ipre input: ") and "\n" not in str(refused.value)
    assert case.stops in str(refused.value)


@pytest.mark.parametrize("case", TOO_MUCH, ids=name_of)
def test_too_much_that_cannot_be_trusted_stops_the_run_before_any_list_is_made(tmp_path, case):
    data = write_case(tmp_path / "data", case)
    build = dbt(tmp_path / "build", "run", "--select", "+as_of", "+purchases", data_dir=data)
    assert not build.success and "Traceback" not in build.messages
    # One of dbt's own events puts a full stop behind it.
    [line] = {
        line.strip().rstrip(".") for line in build.messages.splitlines() if line.strip().startswith("ipre input: ")
    }
    assert case.stops in line
    assert (build.statuses["as_of"], build.statuses["purchases"]) == ("error", "skipped")
    [(outcome, reason)] = build.rows("select outcome, reason from build_runs", "main")
    assert (outcome, reason.rstrip(".")) == ("failed", f"model as_of: {line}")


@pytest.mark.parametrize("case", [*REJECTED, *RIGHT], ids=name_of)
def test_what_is_read_is_right_or_stands_in_rejected_rows_with_its_reason(staging, tmp_path, case):
    staged = Staged(staging(case.variables), write_case(tmp_path / "data", case), case.ratings)
    assert staged.rejected() == sorted(case.rejected)
    assert staged.unaccounted() == []
    for table, count in case.rows.items():
        assert staged.rows(f"select count(*) from {ACCEPTED[table]}") == [
            (count - sum(row[0] == table for row in case.rejected),)
        ]
    for query, expected in case.gives.items():
        assert [tuple(str(v) if hasattr(v, "isoformat") else v for v in row) for row in staged.rows(query)] == expected


@pytest.mark.parametrize("name", ["with space", "o'brien", "[a]*?", "Größe 20V"])
def test_a_folder_may_have_any_name(staging, tmp_path, name):
    assert Staged(staging({}), write_files(tmp_path / name)).rows(SUM) == PLAIN_SUM
