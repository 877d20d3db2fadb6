"""A corpus of what real exports hold. Each input gives the right value, a rejected row with a reason or one clear
error: never a wrong number, never a silent loss."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from conftest import dbt
from input_files import ALL, CUSTOMERS, FEEDBACK, INVOICES, PRODUCTS, as_text, write_files

LINES = len(INVOICES) - 1
STAGED = {
    "customers": "stg_customers",
    "products": "stg_products",
    "invoices": "stg_invoice_lines",
    "feedback": "stg_feedback",
}
LONG_NAME = "Ω" * 200
WILD_NAME = """Núñez "Roof", Söhne; 3/4' {{ 1/0 }} '); drop table stg_customers; -- \\ 屋根"""


@dataclass
class Case:
    """One input: the files that differ from the plain ones, and what comes of it.

    files: file name -> rows, text, bytes, None (no such file) or a function that writes it. stops: what the one
    error says. rejected: (table, row number, reason). gives: query -> rows. rows: data rows of the changed file.
    variables: parameters that the case needs.
    """

    name: str
    files: dict = field(default_factory=dict)
    stops: str | None = None
    rejected: list = field(default_factory=list)
    gives: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
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
        f"invoices.csv: row {LINES + 1}: a quoted value in 'product_id' goes on for 31 lines. Is a quote never closed?",
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
        "invoices.csv (or .parquet) is missing",
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
        ("NaN", "NaN", NOT_A_NUMBER),
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
        ("20240301", NOT_A_DATE),
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
        "a quote that swallows the next line and is closed there by another mistake",
        {"invoices.csv": PLAIN + 'I9,001,"P1,5,2024-03-01\nI9,001,P2",5,2024-03-01\n' + ONE_MORE},
        rejected=[("invoices", LINES + 1, "product_id holds a line break (a quote that is not closed?)")],
        rows={"invoices": LINES + 2},
        gives={"select quantity from stg_invoice_lines where invoice_id = 'I9'": [(7,)]},
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
        variables={"max_ambiguous_share": 1},
        rows={"customers": len(CUSTOMERS)},
        gives={"select customer_name from stg_customers where customer_id = '001'": [("Another 1",)]},
    ),
    Case(
        "a product twice with other content",
        {"products.csv": [*PRODUCTS, ["P1", "Other", "Paints", "Exterior"]]},
        rejected=[("products", 1, "duplicate product_id, another row with it was kept")],
        variables={"max_ambiguous_share": 1},
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
            ("invoices", LINES + 1, NOT_A_NUMBER),
            ("invoices", LINES + 2, "customer_id is missing"),
            ("invoices", LINES + 3, "invoice_date is missing"),
        ],
        rows={"invoices": LINES + 3},
        gives={SUM: PLAIN_SUM},
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
    for written, read in [("1e3", "1000.0000"), ("+4.0", "4.0000"), ("-2.50", "-2.5000"), (".5", "0.5000")]
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
        gives={"select count(*), count(unit_price) from stg_products": [(8, 0)]},
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


@pytest.fixture(scope="module")
def workplace(tmp_path_factory) -> Path:
    """One folder for all cases: dbt parses the project anew for every other path."""
    return tmp_path_factory.mktemp("corpus")


def stage(workplace: Path, case: Case):
    """Write the case's files and build staging."""
    data = workplace / "data"
    shutil.rmtree(data, ignore_errors=True)
    (workplace / "build" / "ipre.duckdb").unlink(missing_ok=True)
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
                write_files(data, **{path.stem: content})
            case _:
                content(path)
    return dbt(workplace / "build", "run", "--select", "+as_of", "+stg_feedback", "+input_findings", data_dir=data, variables=case.variables)


def name_of(case: Case) -> str:
    return case.name


def test_the_corpus_is_large_and_names_each_input_once():
    names = [case.name for case in [*STOPS, *REJECTED, *RIGHT]]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("case", STOPS, ids=name_of)
def test_what_cannot_be_trusted_as_a_whole_stops_the_run_with_one_line(workplace, case):
    build = stage(workplace, case)
    assert not build.success
    assert "Traceback" not in build.messages
    # One of dbt's own events puts a full stop behind it.
    [line] = {
        line.strip().rstrip(".") for line in build.messages.splitlines() if line.strip().startswith("ipre input: ")
    }
    assert case.stops in line
    [(outcome, reason)] = build.rows("select outcome, reason from build_runs", "main")
    assert (outcome, reason.rstrip(".")) in [("refused", line), ("failed", f"model as_of: {line}")]


@pytest.mark.parametrize("case", [*REJECTED, *RIGHT], ids=name_of)
def test_what_is_read_is_right_or_stands_in_rejected_rows_with_its_reason(workplace, case):
    build = stage(workplace, case)
    assert build.success, build.messages
    rejected = build.rows("select source_table, row_number, reason from rejected_rows order by all")
    assert rejected == sorted(case.rejected)
    for table, count in case.rows.items():
        [(accepted,)] = build.rows(f"select count(*) from {STAGED[table]}")
        assert accepted + sum(row[0] == table for row in rejected) == count
    for query, expected in case.gives.items():
        assert [tuple(str(v) if hasattr(v, "isoformat") else v for v in row) for row in build.rows(query)] == expected
