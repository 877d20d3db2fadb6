"""A distributor of hard cases."""

import csv
from pathlib import Path

import duckdb


def write_csv(file: Path, rows: list[dict[str, object]]) -> None:
    """Write rows as a CSV file."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_hard_cases(folder: Path) -> None:
    """Write a distributor of ties, nulls, repeated and contradicting rows, returns, ratings and letters with accents.

    Its invoices are a folder of Parquet files, which Spark reads in parallel; the rest are CSV files.
    """
    folder.mkdir(parents=True)
    trades, regions = ("Plumbing", "Électricité", "roofing"), ("North", "South")
    customers = [
        {
            "customer_id": f"C{number:03}" if number % 9 else f"Café\u0301{number}",
            "customer_name": f"Customer {number}" if number % 7 else 'Say "Hi", & Co',
            "region": regions[number % 2],
            "end_use": trades[number % 3] if number % 31 else "",
            "city": "" if number % 4 else "Straße",
            "account_manager": ("Ann", "Bob", "")[number % 3],
        }
        for number in range(1, 91)
    ]
    customers += [customers[3], customers[4] | {"region": "South"}, customers[5] | {"customer_id": ""}]
    products = [
        {
            "product_id": f"{number:05}" if number % 5 else f"P-{number}",
            "product_name": f"Product {number}",
            "l2_category": f"Department {number % 4}",
            "l3_category": f"Aisle {number % 8}",
            "unit_price": ("", "12.50", "3", "-1", "1,200.00")[number % 5],
            "unit_cost": ("2.5", "", "ask")[number % 3],
            "stock_on_hand": ("", "12", "0", "2-", "0.5", "8", "9")[number % 7],
            "active": ("", "yes", "no")[number % 3] if number % 6 == 0 else "",
        }
        for number in range(1, 41)
    ]
    products += [products[2], products[7] | {"l2_category": "Department 9"}]
    lines = []
    for place, customer in enumerate(customers[:88]):
        for step in range(14):
            product = products[(place * 3 + step * step) % 40]
            day = f"2025-{1 + (place + step * 2) % 9:02}-{1 + (place * 5 + step) % 28:02}"
            lines.append(
                {
                    "invoice_id": f"I{place:03}{step // 2}",
                    "customer_id": customer["customer_id"].replace("e\u0301", "\u00e9"),
                    "product_id": product["product_id"],
                    "quantity": ("1", "2", "2.5", "12", "-1", "1e3")[(place + step) % 6],
                    "invoice_date": day if step % 5 else day.replace("-0", "/").replace("-", "/"),
                }
            )
    lines += lines[10:20]
    lines += [
        lines[0] | wrong
        for wrong in (
            {"quantity": "many"},
            {"quantity": ""},
            {"quantity": "NaN"},
            {"invoice_date": "2025-02-30"},
            {"invoice_date": "soon"},
            {"invoice_date": "2205-01-01"},
            {"customer_id": "nobody"},
            {"product_id": "nothing"},
            {"invoice_id": None},
            {"product_id": "1.5E+10"},
        )
    ]
    ratings = [
        {
            "customer_id": customers[number % 88]["customer_id"],
            "product_id": products[(number * 7) % 40]["product_id"],
            "rating": ("High", "low", "MEDIUM", "Highest", "")[number % 5],
            "rated_by": "Ann",
            "rated_at": ("2025-08-01", "2025-08-01T10:00:00+02:00", "2025/8/2 7:05", "")[number % 4],
            "comment": ("", "two\nlines", "it's fine; really")[number % 3],
        }
        for number in range(60)
    ]
    write_csv(folder / "customers.csv", customers)
    write_csv(folder / "products.csv", products)
    write_csv(folder / "feedback.csv", ratings)
    write_csv(folder / "all_invoices.csv", lines)
    # DuckDB reads one file, Spark a folder of three: the same rows in the same order.
    rows = f"read_csv('{folder}/all_invoices.csv', all_varchar = true, header = true, nullstr = '')"
    for machine in ("one_machine", "many_machines"):
        (folder / machine).mkdir()
        for name in ("customers", "products", "feedback"):
            (folder / machine / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
    duckdb.sql(f"copy (from {rows}) to '{folder}/one_machine/invoices.parquet'")
    (folder / "many_machines" / "invoices").mkdir()
    for part in range(3):
        first, last = part * 450, (part + 1) * 450
        duckdb.sql(
            f"copy (select * exclude (place) from (select *, row_number() over () - 1 as place from {rows}) "
            f"where place >= {first} and place < {last if part < 2 else 10**9} order by place) "
            f"to '{folder}/many_machines/invoices/part-{part}.parquet'"
        )
