"""The ranker's inputs, from the columns of dbt's tables: numbers from 1 on become positions from 0 on."""

import numpy as np
from scipy import sparse

from .history import Market, Orders


def orders_of(columns: dict[str, np.ndarray]) -> Orders:
    """Orders from columns customer_number, product_number and day."""
    return Orders(
        columns["customer_number"].astype(np.int64) - 1,
        columns["product_number"].astype(np.int64) - 1,
        columns["day"].astype(np.int64),
    )


def market_of(customers: dict[str, np.ndarray], products: dict[str, np.ndarray]) -> Market:
    """Customers (customer_number, segment_number, sampling_place) and products (product_number, l2_number, l3_number,
    may_be_shown) in any order of rows; numbers run from 1 without gaps."""
    by_customer, by_product = np.argsort(customers["customer_number"]), np.argsort(products["product_number"])
    return Market(
        customers["segment_number"][by_customer].astype(np.int64) - 1,
        customers["sampling_place"][by_customer].astype(np.int64) - 1,
        tuple(products[level][by_product].astype(np.int64) - 1 for level in ("l2_number", "l3_number")),
        products["may_be_shown"][by_product].astype(bool),
    )


def pairs_of(columns: dict[str, np.ndarray], shape: tuple[int, int]) -> sparse.csr_matrix:
    """Pairs of customer_number and product_number as a matrix with an entry for each."""
    customer, product = (columns[name].astype(np.int64) - 1 for name in ("customer_number", "product_number"))
    return sparse.csr_matrix((np.ones(len(customer), np.int8), (customer, product)), shape)
