"""The ranker's inputs, from dbt's numbered tables: numbers from 1 on become positions from 0 on, dates whole days."""

from hashlib import md5
from typing import Any

import numpy as np
from scipy import sparse

from ipre.frames import arrays

from .history import Market, Orders


def days_of(dates: np.ndarray) -> np.ndarray:
    """Days from 1970-01-01, int64. dates: datetime64, or objects of datetime.date as Spark returns them."""
    return dates.astype("datetime64[D]").astype(np.int64)


def day_of(as_of: Any) -> int:
    """Return the as-of date in days from 1970-01-01. as_of: the table of that name."""
    return int(days_of(arrays(as_of, ("as_of_date",))["as_of_date"])[0])


def orders_of(purchases: Any) -> Orders:
    """Return what was bought; returns are not orders. purchases: the table of that name."""
    columns = arrays(purchases.filter("quantity > 0"), ("customer_number", "product_number", "invoice_date"))
    return Orders(
        columns["customer_number"].astype(np.int64) - 1,
        columns["product_number"].astype(np.int64) - 1,
        days_of(columns["invoice_date"]),
    )


def market_of(customer_numbers: Any, product_numbers: Any) -> Market:
    """Customers and products from the tables of these names, in any order of rows; numbers run from 1 without gaps.

    Who is learned from first, where not everybody is, goes by a hash of the id: a new customer moves no other.
    """
    customers, products = arrays(customer_numbers), arrays(product_numbers)
    by_customer, by_product = np.argsort(customers["customer_number"]), np.argsort(products["product_number"])
    ids = customers["customer_id"][by_customer]
    hashed = np.array([md5(each.encode(), usedforsecurity=False).digest() for each in ids], dtype="S16")
    sampling_order = np.empty(len(ids), np.int64)
    sampling_order[np.argsort(hashed, kind="stable")] = np.arange(len(ids))
    return Market(
        customers["segment_number"][by_customer].astype(np.int64) - 1,
        sampling_order,
        tuple(products[level][by_product].astype(np.int64) - 1 for level in ("category_number", "aisle_number")),
        products["may_be_shown"][by_product].astype(bool),
    )


def held_out_of(customer_numbers: Any) -> np.ndarray:
    """Return who is held out, (customers,) bool."""
    columns = arrays(customer_numbers, ("customer_number", "is_held_out"))
    return columns["is_held_out"][np.argsort(columns["customer_number"])].astype(bool)


def pairs_of(table: Any, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Pairs of customer_number and product_number, as a matrix of `shape` with an entry for each."""
    columns = arrays(table, ("customer_number", "product_number"))
    customer, product = (column.astype(np.int64) - 1 for column in columns.values())
    return sparse.csr_matrix((np.ones(len(customer), np.int8), (customer, product)), shape)
