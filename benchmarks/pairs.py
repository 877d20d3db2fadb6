"""Count the frequent pairs of every cluster, each way in a process of its own.

    python benchmarks/pairs.py NAME ITEMS.parquet

ITEMS is the market basket: one row per customer and product with the whole numbers cluster_number, cluster_size,
minimum (customers that make a pattern there), customer_number and product_number. benchmarks/run.py writes it and calls
this. Reading it is not timed; whatever a way needs to bring the rows into its own form is. Prints one line of JSON:
seconds, and what was found (pairs, and sums that are the same only if the same pairs have the same counts).
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

COLUMNS = ["cluster_number", "cluster_size", "minimum", "customer_number", "product_number"]


def read(items: str) -> dict[str, np.ndarray]:
    """Return the columns as arrays."""
    import duckdb

    return duckdb.connect().execute(f"select {', '.join(COLUMNS)} from '{items}'").fetchnumpy()


def found(cluster, a, b, count) -> dict[str, int]:
    """Return sums over arrays with a row a pair, in any order and with the two products in any order."""
    cluster, a, b, count = (np.asarray(values, dtype=np.int64) for values in (cluster, a, b, count))
    mixed = (np.minimum(a, b) * 1_000_003 + np.maximum(a, b) * 7_919 + cluster * 104_729) % 1_000_000_007
    return {"pairs": len(count), "customers": int(count.sum()), "mixed": int((mixed * count % 1_000_000_007).sum())}


def ipre(items: str):
    """The project's own SQL: the model rules as dbt compiled it, beside ITEMS."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("create schema build")
    connection.execute(
        f"create table build.market_basket as select customer_number, product_number from '{items}'; "
        "create table build.customer_clusters as select distinct customer_number, cluster_number, cluster_size "
        f"from '{items}'"
    )
    started = time.perf_counter()
    connection.execute(f"create table rules as {Path(items).with_name('rules.sql').read_text()}")
    seconds = time.perf_counter() - started
    rows = connection.execute(
        "select cluster_number, product_number_a, product_number_b, customers_with_both from rules "
        "where product_number_a < product_number_b"
    ).fetchall()
    return seconds, found(*zip(*rows, strict=True))


def sparse_product(items: str):
    """One product of sparse matrices, customers by products of clusters: the practical floor."""
    from scipy.sparse import csr_matrix

    columns = read(items)
    started = time.perf_counter()
    key = columns["cluster_number"].astype(np.int64) << 32 | columns["product_number"]
    keys, code, buyers = np.unique(key, return_inverse=True, return_counts=True)
    kept = buyers[code] >= columns["minimum"]
    least = np.zeros(len(keys), dtype=np.int64)
    least[code] = columns["minimum"]
    code, customer = code[kept], columns["customer_number"][kept]
    matrix = csr_matrix((np.ones(len(code), dtype=np.int32), (customer, code)), shape=(customer.max() + 1, len(keys)))
    product = (matrix.T @ matrix).tocoo()
    frequent = (product.row < product.col) & (product.data >= least[product.row])
    row, column, count = product.row[frequent], product.col[frequent], product.data[frequent]
    result = keys[row] >> 32, keys[row] & 0xFFFFFFFF, keys[column] & 0xFFFFFFFF, count
    return time.perf_counter() - started, found(*result)


def polars(items: str):
    """The same idea as the project's SQL, in polars."""
    import polars as pl

    frame = pl.read_parquet(items, columns=COLUMNS)
    started = time.perf_counter()
    lazy = frame.lazy()
    frequent = (
        lazy.group_by("cluster_number", "product_number")
        .agg(pl.len().alias("buyers"), pl.col("minimum").first())
        .filter(pl.col("buyers") >= pl.col("minimum"))
        .select("cluster_number", "product_number")
    )
    kept = lazy.join(frequent, on=["cluster_number", "product_number"], how="semi")
    pairs = (
        kept.join(kept.select("customer_number", other="product_number"), on="customer_number")
        .filter(pl.col("product_number") < pl.col("other"))
        .group_by("cluster_number", "product_number", "other")
        .agg(pl.len().alias("both"), pl.col("minimum").first())
        .filter(pl.col("both") >= pl.col("minimum"))
        .collect()
    )
    seconds = time.perf_counter() - started
    return seconds, found(*(pairs[name].to_numpy() for name in ("cluster_number", "product_number", "other", "both")))


def pandas_merge(items: str):
    """A plain merge of the table with itself, then a count."""
    import pandas as pd

    frame = pd.DataFrame({name: values.astype("int32") for name, values in read(items).items()})
    started = time.perf_counter()
    both = frame.merge(frame[["customer_number", "product_number"]], on="customer_number", suffixes=("_1", "_2"))
    both = both[both["product_number_1"] < both["product_number_2"]]
    keys = ["cluster_number", "minimum", "product_number_1", "product_number_2"]
    counts = both.groupby(keys, sort=False).size().rename("both").reset_index()
    counts = counts[counts["both"] >= counts["minimum"]]
    seconds = time.perf_counter() - started
    return seconds, found(
        *(counts[name] for name in ("cluster_number", "product_number_1", "product_number_2", "both"))
    )


def clusters(items: str):
    """Every cluster's size, minimum and baskets (lists of product numbers), for ways that take one at a time."""
    columns = read(items)
    order = np.lexsort((columns["customer_number"], columns["cluster_number"]))
    cluster, size, minimum, customer, product = (columns[name][order] for name in COLUMNS)
    ends = np.flatnonzero(np.diff(customer, append=-1)) + 1
    baskets = np.split(product, ends[:-1])
    of = cluster[ends - 1]
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(baskets)], strict=True):
        last = ends[start] - 1
        yield int(of[start]), int(size[last]), int(minimum[last]), [basket.tolist() for basket in baskets[start:end]]


def one_by_one(items: str, mine):
    """Time `mine(baskets, size, minimum)`, which gives tuples (a, b, count), over all clusters."""
    worlds = list(clusters(items))
    rows = []
    started = time.perf_counter()
    for cluster, size, minimum, baskets in worlds:
        rows.extend((cluster, *pair) for pair in mine(baskets, size, minimum))
    return time.perf_counter() - started, found(*zip(*rows, strict=True))


def pyfim(items: str):
    """Borgelt's C implementation of FP-growth."""
    from fim import fpgrowth

    def mine(baskets, size, minimum):
        for products, count in fpgrowth(baskets, target="s", supp=-minimum, zmin=2, zmax=2):
            yield *products, count

    return one_by_one(items, mine)


def rusket(items: str):
    """A miner written in Rust, from a one-hot table."""
    import rusket as library

    def mine(baskets, size, minimum):
        table = library.from_transactions(baskets)
        sets = library.fpgrowth(table, min_support=(minimum - 0.5) / size, max_len=2)
        for support, products in zip(sets["support"], sets["itemsets"], strict=True):
            if len(products) == 2:
                yield *map(int, products), round(support * len(baskets))

    return one_by_one(items, mine)


def efficient_apriori(items: str):
    """Apriori in plain Python."""
    from efficient_apriori import itemsets_from_transactions

    def mine(baskets, size, minimum):
        sets, _ = itemsets_from_transactions([tuple(b) for b in baskets], (minimum - 0.5) / size, max_length=2)
        for products, count in sets.get(2, {}).items():
            yield *products, count

    return one_by_one(items, mine)


def mlxtend(items: str):
    """The usual choice in pandas: a one-hot table and FP-growth."""
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth
    from mlxtend.preprocessing import TransactionEncoder

    def mine(baskets, size, minimum):
        encoder = TransactionEncoder()
        table = pd.DataFrame(encoder.fit_transform(baskets), columns=encoder.columns_)
        sets = fpgrowth(table, min_support=(minimum - 0.5) / size, max_len=2, use_colnames=True)
        for support, products in zip(sets["support"], sets["itemsets"], strict=True):
            if len(products) == 2:
                yield *products, round(support * len(baskets))

    return one_by_one(items, mine)


WAYS = {
    way.__name__: way for way in (ipre, sparse_product, pyfim, polars, rusket, efficient_apriori, mlxtend, pandas_merge)
}


def main(name: str, items: str) -> None:
    """Run one way and print its line."""
    seconds, result = WAYS[name](items)
    print(json.dumps({"way": name, "seconds": round(seconds, 3), **result}))


if __name__ == "__main__":
    main(*sys.argv[1:])
