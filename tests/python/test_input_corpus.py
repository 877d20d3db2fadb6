"""A corpus of what real exports contain. Each input gives the right value, a rejected row with a reason or one clear
error: never a wrong number, never a silent loss.

Most of it is in cases/input_corpus.yml, which says how; here is what a text cannot hold. It is read as a run reads
it, and judged by staging's SQL as dbt compiled it.
"""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml
from input_files import ALL, FEEDBACK, INVOICES, PRODUCTS, as_text, write_files
from staged import ACCEPTED, Staged, refusal

from ipre.run import DuckDB
from ipre.run.lifecycle import Run
from ipre.run.progress import Progress

PLAIN = {name: as_text(rows) for name, rows in {**ALL, "feedback": FEEDBACK}.items()}
# In the store of ratings, and in no file.
STORED = ("rating_events", "list_openings")
# What words in braces mean. Days are by the clock of this machine.
WORDS = {"{tab}": "\t", "{long}": "Ω" * 200} | {
    f"{{{words}}}": str(date.today() + timedelta(days))
    for words, days in {"tomorrow": 1, "in two days": 2, "in three days": 3}.items()
}


def filled(written):
    """What the file says, with what the words in braces mean."""
    match written:
        case dict():
            return {filled(key): filled(value) for key, value in written.items()}
        case list():
            return [filled(value) for value in written]
        case str():
            return re.sub(r"\{[a-z ]+\}", lambda words: WORDS[words[0]], written)
    return written


CORPUS = filled(yaml.safe_load(Path(__file__).with_name("cases").joinpath("input_corpus.yml").read_text()))
LINES = PLAIN["invoices"]


def rows_of(text: str) -> list[list[str]]:
    """The rows of a CSV text, as Python reads it."""
    return [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) if row]


def text_of(table: str, case: dict) -> str:
    """The CSV text of a table in a case."""
    text = case.get(table, PLAIN.get(table))
    for old, new in case.get(f"{table} changes", {}).items():
        assert old in text
        text = text.replace(old, new, 1)
    if gains := case.get(f"{table} gains", {}):
        header, *rows = text.splitlines()
        text = as_text([[header, *gains], *([row, *map(str, gains.values())] for row in rows)])
    return text + case.get(f"+{table}", "")


def write_case(data: Path, case: dict) -> dict[str, int]:
    """Write the files of a case; return how many rows each table has."""
    write_files(data)
    counts = dict.fromkeys(ACCEPTED, 0) | {name: len(rows) - 1 for name, rows in ALL.items()}
    changed = {name.strip("+").partition(" ")[0].partition(".")[0] for name in case} & set(ACCEPTED)
    for table in changed:
        file = data / f"{table}.csv"
        if table in STORED:
            counts[table] = len(rows_of(case[table])) - 1
        elif case.get(table, "") is None:
            file.unlink()
        elif f"{table}.parquet" in case:
            counts[table] = write_parquet(file, case[f"{table}.parquet"])
        else:
            file.write_bytes(text_of(table, case).encode())
            counts[table] = len(rows_of(text_of(table, case))) - 1
    for name, content in case.get("files", {}).items():
        content(data / name) if callable(content) else (data / name).write_bytes(content)
    return counts


def write_parquet(file: Path, query: str) -> int:
    """Write a query's result as Parquet instead of the CSV file, which is `plain` in it; return how many rows."""
    with duckdb.connect() as connection:
        connection.read_csv(str(file), all_varchar=True).create_view("plain")
        written = connection.sql(query)
        written.write_parquet(str(file.with_suffix(".parquet")))
        file.unlink()
        return connection.read_parquet(str(file.with_suffix(".parquet"))).shape[0]


def cut_short(path: Path) -> None:
    write_parquet(path.with_suffix(".csv"), "from plain")
    path.write_bytes(path.read_bytes()[:-20])


def latin_1(text: str) -> dict[str, bytes]:
    return {"customers.csv": text.encode("latin-1")}


SWALLOWED = "I9,001,P1,7,2024-03-02\n" * 30
CORPUS["stops"] |= {
    name: {"files": files, "stops": stops}
    for name, files, stops in [
        ("an empty file", {"invoices.csv": b""}, "invoices.csv: it is empty. Export it with a header line"),
        ("Latin-1 in one line", latin_1(PLAIN["customers"] + "007,Núñez,North,Painting\n"),
         "customers.csv: line 8: the text is not UTF-8. Export the file as UTF-8"),
        ("Latin-1 in the header", latin_1("Größe," + PLAIN["customers"]), "customers.csv: line 1: the text is not UTF"),
        ("UTF-16", {"invoices.csv": LINES.encode("utf-16")}, "it is UTF-16 or not a text file"),
        ("binary rubbish", {"invoices.csv": bytes(range(256)) * 10}, "it is UTF-16 or not a text file"),
        ("a quote that swallows many lines and is closed by another mistake",
         {"invoices.csv": f'{LINES}I9,001,"P1,5,2024-03-01\n{SWALLOWED}I9,001,P2",5,2024-03-01\n'.encode()},
         "invoices.csv: line 16: a quote opens in column 'product_id' and closes only in line 47"),
        ("a line of three megabytes",
         {"customers.csv": f"{PLAIN['customers']}007,{'x' * 3_000_000},North,Painting\n".encode()},
         "customers.csv: line 8: the line is longer than 2 MB"),
        ("a file in both formats", {"products.parquet": b""}, "products.csv and"),
        ("a folder with the name of a file", {"invoices.csv": lambda path: (path.unlink(), path.mkdir())},
         "invoices.csv: it contains no .csv or .parquet file with content"),
        ("a CSV file that calls itself Parquet",
         {"invoices.parquet": lambda path: path.with_suffix(".csv").rename(path)},
         "invoices.parquet: it cannot be read"),
        ("a Parquet file cut short", {"invoices.parquet": cut_short}, "invoices.parquet: it cannot be read"),
        *[(f"{words} instead of commas", {"products.csv": as_text(PRODUCTS, delimiter=sign).encode()},
           f"required column 'product_id' is missing. Columns found: {sign.join(PRODUCTS[0])}. The columns seem to be "
           f"separated by {words}") for sign, words in {";": "semicolons", "\t": "tabs", "|": "vertical bars"}.items()],
    ]
}  # fmt: skip
AS_PLAIN = {"lines": [[14, 67]], "select count(distinct customer_id) from stg_invoice_lines": 5}
CORPUS["right"] |= {
    f"harmless in a CSV file: {name}": {"invoices": text, "gives": AS_PLAIN}
    for name, text in {
        "a byte-order mark": "\ufeff" + LINES,
        "a byte-order mark before a quoted header": "\ufeff" + LINES.replace("invoice_id", '"invoice_id"'),
        "Windows line ends": as_text(INVOICES, "\r\n"),
        "line ends of old Macs": as_text(INVOICES, "\r"),
        "blank lines": LINES.replace("\n", "\n\n", 3) + "\n\n",
        "no last line end": LINES.rstrip(),
        "everything quoted": as_text([[f'"{value}"' for value in row] for row in INVOICES]),
        "spaces around names and values": as_text([[f" {value} " for value in row] for row in INVOICES]),
        "an empty last column": as_text([[*row, ""] for row in INVOICES]),
        "a column that differs in case": as_text([[*INVOICES[0], "QUANTITY"], *[[*r, "9"] for r in INVOICES[1:]]]),
        "other columns in another order": as_text([[*reversed(row), "note"] for row in INVOICES]),
        "two unnamed columns": as_text([["", *INVOICES[0], ""], *[["1", *row, "2"] for row in INVOICES[1:]]]),
    }.items()
} | {
    f"Parquet: {name}": {
        **{f"{table}.parquet": f"select * replace ({columns}) from plain" for table, columns in tables.items()},
        "gives": AS_PLAIN,
    }
    for name, tables in {
        "text": {"invoices": "quantity as quantity"},
        "whole numbers as ids": {"customers": "customer_id::integer as customer_id",
                                 "invoices": "customer_id::bigint as customer_id"},
        "ids that pandas made floats": {"customers": "customer_id::bigint as customer_id",
                                        "invoices": "customer_id::double as customer_id"},
        "ids as decimals": {"customers": "customer_id::decimal(18, 0) as customer_id",
                            "invoices": "customer_id::decimal(18, 2) as customer_id"},
        "ids as bytes": {"invoices": "customer_id::blob as customer_id"},
        "floats and dates": {"invoices": "quantity::float as quantity, invoice_date::date as invoice_date"},
        "decimals and timestamps":
            {"invoices": "quantity::decimal(20, 6) as quantity, invoice_date::timestamp as invoice_date"},
        "timestamps with time zone": {"invoices": "(invoice_date || ' 23:30:00+00')::timestamptz as invoice_date"},
        "a category column": {"customers": "region::enum ('North') as region"},
    }.items()
}  # fmt: skip
# Characters that nobody sees, at the edges of ids and inside.
HIDDEN = list(enumerate("\u200b\ufeff\u202f\u3000\u2007\u00ad\u00a0\u2060\u200e\u180e\t"))
ZONES = ["", "Z", " UTC", "+01", "-0500", "+05:30", " -08:00"]
TIMES = [f"2024-02-01{sep}{time}{zone}" for sep in " T" for time in ("9:05", "22:50", "22:50:26.5") for zone in ZONES]


def moments(text: str) -> list[str]:
    """A time as written and in UTC, as Python reads it."""
    padded = text.replace(" UTC", "Z").replace("T9", "T09").replace(" 9", " 09")
    read = datetime.fromisoformat(re.sub(r" ([+-])", r"\1", padded))
    written = read.replace(tzinfo=None)
    return [str(written), str(read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else written)]


CORPUS["right"] |= {
    "ids with characters that nobody sees at their edges and inside": {
        "+customers": as_text([f"{sign}X{number:02}", "Ex", "North", "Painting"] for number, sign in HIDDEN),
        "+invoices": as_text(["I9", f"X{sign}{n:02}{sign}", "P1", "1", "2024-03-01"] for n, sign in HIDDEN),
        "gives": {
            "select customer_id from stg_invoice_lines where invoice_id = 'I9' order by 1": [
                [f"X{number:02}"] for number, _ in HIDDEN
            ]
        },
    },
    "times of ratings with and without a zone: of two the one given later counts, wherever it was given": {
        "+products": as_text([f"T{number}", "A product", "Paints", "Interior"] for number in range(len(TIMES))),
        "+feedback": as_text(["001", f"T{number}", "High", text, ""] for number, text in enumerate(TIMES)),
        "gives": {
            "select rated_at, rated_at_utc from stg_ratings where product_id like 'T%' order by row_number": [
                moments(text) for text in TIMES
            ]
        },
    },
}


def rejected_rows(case: dict) -> list[tuple]:
    """The rows that a case says are rejected."""
    found = []
    for rows, reason in case.get("rejects", {}).items():
        table, first, last = re.fullmatch(r"(\w+) (\d+)(?:-(\d+))?", rows).groups()
        found += [(table, number, reason) for number in range(int(first), int(last or first) + 1)]
    return sorted(found)


def plain_value(value):
    """A value as the file writes it: days and moments are texts."""
    return str(value) if isinstance(value, date) else value


def test_the_corpus_is_large():
    assert sum(map(len, CORPUS.values())) >= 100


@pytest.mark.parametrize("name", CORPUS["stops"])
def test_what_cannot_be_read_is_refused_with_one_line(tmp_path, name):
    write_case(tmp_path / "data", CORPUS["stops"][name])
    told = refusal(Staged, tmp_path / "data")
    assert told.startswith("ipre input: ") and CORPUS["stops"][name]["stops"] in told


@pytest.mark.parametrize("name", CORPUS["too much"])
def test_too_much_that_cannot_be_trusted_is_refused_with_one_line(tmp_path, name):
    write_case(tmp_path / "data", CORPUS["too much"][name])
    run = Run(DuckDB(Staged(tmp_path / "data").connection, tmp_path / "x.duckdb", Progress()))
    asked = {"ambiguous_ids": "helpers.ambiguous_ids", "max_rejected_share": 0.3, "newest_is_today": True}
    told = refusal(run.do_check_inputs, **asked)
    assert told.startswith("ipre input: ") and CORPUS["too much"][name]["stops"] in told


@pytest.mark.parametrize(("part", "name"), [(part, name) for part in ("rejected", "right") for name in CORPUS[part]])
def test_what_is_read_is_right_or_in_rejected_rows_with_its_reason(tmp_path, part, name):
    case = CORPUS[part][name]
    counts, stored = write_case(tmp_path / "data", case), {table: case[table] for table in STORED if table in case}
    ratings = {table: list(csv.DictReader(io.StringIO(text))) for table, text in stored.items()}
    staged = Staged(tmp_path / "data", ratings)
    assert staged.rejected() == rejected_rows(case)
    assert staged.unaccounted() == []
    rejected = [table for table, *_ in rejected_rows(case)]
    for table, model in ACCEPTED.items():
        assert staged.rows(f"select count(*) from {model}") == [(counts[table] - rejected.count(table),)], table
    for query, expected in case.get("gives", {}).items():
        found = [[plain_value(value) for value in row] for row in staged.rows(CORPUS["queries"].get(query, query))]
        assert found == (expected if isinstance(expected, list) else [[expected]]), query


@pytest.mark.parametrize("name", ["with space", "o'brien", "[a]*?", "Größe 20V"])
def test_a_folder_may_have_any_name(tmp_path, name):
    staged = Staged(write_files(tmp_path / name))
    assert staged.rows(CORPUS["queries"]["lines"]) == [(14, 67)]
