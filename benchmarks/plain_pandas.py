"""The founding description in plain pandas and scikit-learn, as one would write it in an afternoon.

    python benchmarks/plain_pandas.py DATA CLUSTERS.parquet OUT.parquet

The same formulas as the project's, without its input checks, comparison groups, quantities, reasons, tests and
publication: baskets, K-Means per segment, rules per cluster, scores, ratings, the best five. DATA holds the four input
files as Parquet. CLUSTERS are the project's clusters: the fit is made and timed, but the rules are taken from the
project's clusters, so that both can be compared row by row. Writes the lists that rules give to OUT. Prints one line of
JSON: seconds and how many rules and recommendations there are.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score


def fit(basket: pd.DataFrame) -> int:
    """Cluster every segment as the project does by default; gives the number of clusters."""
    clusters = 0
    for _, rows in basket.groupby("segment"):
        pivot = rows.pivot_table(
            index="customer_id", columns="l2_category", values="quantity", aggfunc="sum", fill_value=0
        )
        points = np.log1p(pivot.to_numpy())
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        best, score = 1, -1.0
        for k in range(2, min(8, len(points) // 30) + 1):
            labels = KMeans(n_clusters=k, n_init=4, random_state=0).fit_predict(points)
            found = silhouette_score(points, labels)
            if found > score:
                best, score = k, found
        clusters += best
    return clusters


def main(data: str, clusters_file: str, out: str) -> None:
    """Run it all and print one line."""
    files = {
        name: pd.read_parquet(Path(data) / f"{name}.parquet")
        for name in ("customers", "products", "invoices", "feedback")
    }
    clusters = pd.read_parquet(clusters_file)[["customer_id", "segment", "cluster_id", "cluster_size"]]
    started = time.perf_counter()
    customers, products, invoices, feedback = files.values()
    invoices = invoices.assign(
        invoice_date=pd.to_datetime(invoices["invoice_date"]), quantity=pd.to_numeric(invoices["quantity"])
    )
    as_of = invoices["invoice_date"].max()
    pairs = ["customer_id", "product_id"]
    basket = invoices.groupby(pairs)["quantity"].sum().reset_index()
    bought = invoices[invoices["quantity"] > 0].groupby(pairs)["invoice_date"].max().rename("last").reset_index()
    basket = basket[basket["quantity"] > 0].merge(bought, on=pairs)
    basket["recency"] = 1 / (1 + (as_of - basket["last"]).dt.days)
    segments = customers.assign(segment=customers["region"] + "_" + customers["end_use"])[["customer_id", "segment"]]
    basket = basket.merge(products[["product_id", "l2_category"]], on="product_id").merge(segments, on="customer_id")
    basketed = time.perf_counter()
    found_clusters = fit(basket)
    fitted = time.perf_counter()

    items = basket[["customer_id", "product_id", "recency"]].merge(clusters, on="customer_id")
    cluster = ["segment", "cluster_id"]
    buyers = items.groupby([*cluster, "product_id"]).size().rename("buyers").reset_index()
    left = items[["customer_id", *cluster, "cluster_size", "product_id"]].rename(columns={"product_id": "product_a"})
    right = items[["customer_id", "product_id"]].rename(columns={"product_id": "product_b"})
    both = left.merge(right, on="customer_id")
    both = both[both["product_a"] != both["product_b"]]
    rules = both.groupby([*cluster, "cluster_size", "product_a", "product_b"]).size().rename("both").reset_index()
    rules["support"] = rules["both"] / rules["cluster_size"]
    rules = rules[(rules["support"] >= 0.05) & (rules["both"] >= 3)]
    rules = rules.merge(buyers.rename(columns={"product_id": "product_a"}), on=[*cluster, "product_a"])
    rules["confidence"] = rules["both"] / rules["buyers"]
    ruled = time.perf_counter()

    matches = items.rename(columns={"product_id": "product_a"}).merge(rules, on=[*cluster, "product_a"])
    matches["score"] = 0.5 * matches["confidence"] + 0.3 * matches["support"] + 0.2 * matches["recency"]
    owned = items[pairs].rename(columns={"product_id": "product_b"}).assign(owned=True)
    matches = matches.merge(owned, on=["customer_id", "product_b"], how="left")
    matches = matches[matches["owned"].isna()]
    order = {"score": False, "confidence": False, "support": False}
    by = ["customer_id", *order, "product_a"]
    matches = matches.sort_values(by, ascending=[True, *order.values(), True])
    candidates = matches.drop_duplicates(["customer_id", "product_b"])
    newest = feedback.assign(rating=feedback["rating"].str.title()).sort_values("rated_at", kind="stable")
    newest = newest.drop_duplicates(pairs, keep="last").rename(columns={"product_id": "product_b"})
    candidates = candidates.merge(
        newest[["customer_id", "product_b", "rating"]], on=["customer_id", "product_b"], how="left"
    )
    candidates["final"] = candidates["score"] * candidates["rating"].map({"High": 1.2, "Low": 0.3}).fillna(1.0)
    candidates = candidates[candidates["rating"].isna() | (candidates["final"] >= 0.1)]
    by = ["customer_id", "final", *order, "product_b"]
    lists = candidates.sort_values(by, ascending=[True, False, *order.values(), True]).groupby("customer_id").head(5)
    ended = time.perf_counter()
    lists[["customer_id", "product_b", "product_a", "final"]].to_parquet(out)
    print(
        json.dumps(
            {
                "seconds": round(ended - started, 3),
                "basket": round(basketed - started, 3),
                "clustering": round(fitted - basketed, 3),
                "associations": round(ruled - fitted, 3),
                "ranking": round(ended - ruled, 3),
                "clusters": found_clusters,
                "rules": len(rules),
                "recommendations": len(lists),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
