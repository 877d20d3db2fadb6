"""K-Means clusters of the customers of each segment: the fit only.

The maths between two SQL models: clustering_features.sql hands over what every customer buys per category,
customer_clusters.sql numbers and names what comes back. Business rules live there.
"""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples, silhouette_score
from threadpoolctl import threadpool_limits

RANDOM_STATE = 0
COLUMNS = ["segment", "customer_id", "kmeans_label", "silhouette_score", "silhouette"]


def transform(quantities: np.ndarray, method: str) -> np.ndarray:
    """Turn quantities into the space that customers are compared in.

    quantities: (customers, categories), 0 or more, in units sold. `raw` keeps them. `log` takes log(1 + quantity)
    and scales each customer to unit length, so that what is bought decides and not how much of it.
    Raises ValueError for another method.
    """
    if method == "raw":
        return quantities
    if method != "log":
        raise ValueError(f"clustering_transform must be log or raw, got {method!r}")
    logs = np.log1p(quantities)
    lengths = np.linalg.norm(logs, axis=1, keepdims=True)
    return np.divide(logs, lengths, out=np.zeros_like(logs), where=lengths > 0)


def evenly_spread(count: int, wanted: int) -> np.ndarray:
    """Positions of `wanted` of `count` rows at even distances (all of them when there are no more)."""
    return np.arange(count) if count <= wanted else np.arange(wanted) * count // wanted


def cluster_segment(points: np.ndarray, max_k: int, min_customers: int, restarts: int, sample_size: int):
    """Best K-Means clustering of one segment.

    points: (customers, categories) in an order that does not depend on the input's. k runs from 2 to max_k as long
    as k clusters keep min_customers customers on average; the best mean silhouette wins (Rousseeuw 1987), the
    smaller k on a tie. Gives labels (customers,), the winning score and each customer's silhouette (customers,);
    with one cluster the score is None and the silhouettes are NaN.
    """
    count = len(points)
    labels, score = np.zeros(count, dtype=int), None
    distinct = len(np.unique(points, axis=0))
    sample = evenly_spread(count, sample_size)
    for k in range(2, min(max_k, count // min_customers, distinct, count - 1) + 1):
        candidate = KMeans(n_clusters=k, n_init=restarts, random_state=RANDOM_STATE).fit_predict(points)
        if len(np.unique(candidate[sample])) < 2:
            continue
        candidate_score = float(silhouette_score(points[sample], candidate[sample]))
        if score is None or candidate_score > score:
            labels, score = candidate, candidate_score
    silhouettes = np.full(count, np.nan)
    if score is not None:
        silhouettes[sample] = silhouette_samples(points[sample], labels[sample])
    return labels, score, silhouettes


def cluster_customers(features: pd.DataFrame, method: str, **limits) -> pd.DataFrame:
    """Cluster every segment on its own.

    features: one row per segment, customer_id and l2_category with total_quantity, in any order. Gives one row per
    customer with the columns COLUMNS; silhouette_score is the segment's.
    """
    features = features.sort_values(["segment", "customer_id", "l2_category"], kind="stable")
    results = []
    for segment, rows in features.groupby("segment", sort=True):
        customer_codes, customer_ids = pd.factorize(rows["customer_id"])
        category_codes, categories = pd.factorize(rows["l2_category"], sort=True)
        quantities = np.zeros((len(customer_ids), len(categories)))
        quantities[customer_codes, category_codes] = rows["total_quantity"]
        labels, score, silhouettes = cluster_segment(transform(quantities, method), **limits)
        results.append(
            pd.DataFrame(
                {
                    "segment": segment,
                    "customer_id": customer_ids,
                    "kmeans_label": labels,
                    "silhouette_score": np.nan if score is None else score,
                    "silhouette": silhouettes,
                }
            )
        )
    if not results:
        return pd.DataFrame({name: pd.Series(dtype="str" if name in COLUMNS[:2] else "float") for name in COLUMNS})
    return pd.concat(results, ignore_index=True)[COLUMNS]


def model(dbt, session):
    """dbt's entry point: features in, labels out. One thread, because the answer must not depend on their number
    and because small fits spend their time on starting more."""
    # dbt reads these calls from the source text: each must stand there in full, with a literal name.
    with threadpool_limits(limits=1):
        clusters = cluster_customers(
            dbt.ref("clustering_features").df(),
            method=dbt.config.meta_get("clustering_transform"),
            max_k=dbt.config.meta_get("max_clusters_per_segment"),
            min_customers=dbt.config.meta_get("min_customers_per_cluster"),
            restarts=dbt.config.meta_get("kmeans_restarts"),
            sample_size=dbt.config.meta_get("max_silhouette_customers"),
        )
    return clusters
