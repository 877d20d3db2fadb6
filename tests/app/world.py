"""A tiny distributor, built and published as a night would, for the app to show."""

import csv
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb

from rating_store import RatingStore

PROJECT = Path(__file__).resolve().parents[2]
# The build's own environment; the app's has no dbt.
DBT = os.environ.get("DBT_PROGRAM", str(PROJECT / ".venv" / "bin" / "dbt"))
PEOPLE = ("Ada King", "Ben Ryan")
# Signs that markdown would take for something else.
ODD_NAME = "Cost*less $5 _Tools_ [x](y) & $6"
PRODUCTS = [f"P{number:02}" for number in range(1, 19)]
# Who bought which products. Everybody misses a third of them, so lists have rules behind them and a sixth to climb.
BASKETS = {
    f"C{customer:02}": [product for place, product in enumerate(PRODUCTS) if (place + customer) % 3 != 0]
    for customer in range(1, 17)
}
# Two weeks apart, so that everything is due; what comes first in a basket is not bought any more.
ORDERED_ON = ("2026-01-01", "2026-01-15", "2026-01-29", "2026-02-12")
ONCE_ORDERED_ON = ("2025-06-01", "2025-08-01", "2025-10-01")
AS_OF = "2026-03-05"


@dataclass(frozen=True)
class World:
    """The folders of the distributor."""

    folder: Path

    @property
    def ratings(self) -> Path:
        return self.folder / "ratings" / "ratings.sqlite"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "IPRE_DATA_DIR": str(self.folder / "data"),
            "IPRE_WAREHOUSE": str(self.folder / "ipre.duckdb"),
            "IPRE_PUBLISH_DIR": str(self.folder / "published"),
            "IPRE_RATINGS_URL": f"sqlite:///{self.ratings}",
        }

    def build(self) -> None:
        """Build and publish, in a process of its own as at night. The store is there, as once the app ran."""
        RatingStore.open(self.environment["IPRE_RATINGS_URL"], data_kind="own").close()
        self.dbt("build")

    def dbt(self, *arguments: str) -> None:
        """Run one dbt command."""
        folders = {"project-dir": PROJECT, "profiles-dir": PROJECT}
        folders |= {"target-path": self.folder / "target", "log-path": self.folder / "logs"}
        options = ["--quiet", "--no-write-json", *(f"--{name}={path}" for name, path in folders.items())]
        command = [DBT, *arguments, *options]
        environment = {**os.environ, **self.environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    def rows(self, query: str) -> list[tuple]:
        """Rows of what readers see."""
        # Not from the serving file, which the app in this process may have open with settings of its own.
        with duckdb.connect() as connection:
            for file in (self.folder / "published" / "current").glob("*.parquet"):
                connection.execute(f"create view {file.stem} as from '{file}'")
            return connection.execute(query).fetchall()

    def offers(self, customer: str) -> list[str]:
        """The products of a customer's list."""
        query = f"select recommended_product from final_recommendations where customer_id = '{customer}' order by rank"
        return [product for (product,) in self.rows(query)]


def write_data(folder: Path, **more: list[list[str]]) -> None:
    """Write the input files, and whatever else is given."""
    customers = [
        [customer, ODD_NAME if customer == "C01" else f"Customer {customer}", "North", "Painting", PEOPLE[place % 2]]
        for place, customer in enumerate(BASKETS)
    ]
    products = [[product, f"Product {product}", "Paints", "Interior", "2.50"] for product in PRODUCTS]
    tables = {
        "customers": [["customer_id", "customer_name", "region", "end_use", "account_manager"], *customers],
        "products": [["product_id", "product_name", "l2_category", "l3_category", "unit_price"], *products],
        "invoices": [["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"], *invoices()],
        **more,
    }
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


def invoices() -> list[list[str]]:
    """Lines of the orders of every basket, and one small order on the day of the lists."""
    lines = [
        [f"{customer} {day}", customer, product, "4", day]
        for customer, basket in BASKETS.items()
        for product in basket
        for day in (ONCE_ORDERED_ON if product == basket[0] else ORDERED_ON)
    ]
    return [*lines, ["last", "C16", BASKETS["C16"][1], "1", AS_OF]]
