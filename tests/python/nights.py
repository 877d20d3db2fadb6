"""A distributor of 240 customers for builds of one night after another."""

from datetime import date, timedelta
from pathlib import Path

from input_files import write_files

REGIONS = [f"Region {number:02}" for number in range(1, 21)]
TRADES = ["Painting", "Roofing"]
CUSTOMERS = [
    [f"C{number:03}", f"Customer {number}", REGIONS[number % 20], TRADES[number // 20 % 2]] for number in range(240)
]
PRODUCTS = [[f"P{number:02}", f"Product {number}", f"Department {number % 3}", "Aisle"] for number in range(20)]
START = date(2024, 1, 1)
FEEDBACK = [[f"C{number:03}", "P19", "Low"] for number in range(0, 240, 6)]
HEADERS = {
    "customers": ["customer_id", "customer_name", "region", "end_use"],
    "products": ["product_id", "product_name", "l2_category", "l3_category"],
    "invoices": ["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"],
    "feedback": ["customer_id", "product_id", "rating"],
}


def line(customer: str, number: int, day: int, quantity: int = 5) -> list[str]:
    """One invoice line: what customers of one trade buy, and something that only some of them do."""
    place = int(customer[1:])
    product = (10 * (place // 20 % 2) + number) if number < 6 else (place + 3 * number) % 20
    return [f"I{customer}{number}", customer, f"P{product:02}", str(quantity), str(START + timedelta(days=day))]


INVOICES = [
    line(row[0], number, (int(row[0][1:]) + 12 * number) % 100) for row in CUSTOMERS for number in range(10)
] + [[f"R{row[0]}", row[0], line(row[0], 0, 0)[2], "-1", "2024-04-09"] for row in CUSTOMERS[::5]]
NIGHT = {"customers": CUSTOMERS, "products": PRODUCTS, "invoices": INVOICES, "feedback": FEEDBACK}


def write(folder: Path, **changed) -> Path:
    """The export of a night, with what is changed in it."""
    return write_files(folder, **{name: [HEADERS[name], *rows] for name, rows in {**NIGHT, **changed}.items()})


def ordinary() -> dict[str, list[list[str]]]:
    """The export of an ordinary night: two days of orders, new customers and a product, ratings, a customer gone."""
    gone, new = (
        CUSTOMERS[0][0],
        [
            ["C900", "New Ltd", "Region 01", "Painting"],
            ["C901", "Newer", "Region 02", "Roofing"],
        ],
    )
    orders = [line(row[0], 3, 100 + place % 2, 7) for place, row in enumerate([*new, *CUSTOMERS[1:60]])]
    return {
        "customers": [*CUSTOMERS[1:], *new],
        "products": [*PRODUCTS, ["P90", "New product", "Department 1", "Aisle"]],
        "invoices": [row for row in INVOICES if row[1] != gone] + orders,
        "feedback": [*FEEDBACK[1:], *[[f"C{number:03}", "P18", "High"] for number in range(1, 240, 4)]],
    }


ORDINARY = ordinary()
