"""K-Means clusters of the customers of each segment: the fit only.

The maths between two SQL models: market_basket_by_category.sql says what every customer buys per category;
customer_clusters.sql numbers and names what comes back. Business rules live there.

The same customers get the same clusters on every machine. scikit-learn alone would not give them: a matrix product adds
up in another order on every kind of processor, and where a customer is as far from one center as from another (a basket
of one category often is) the last bit decides, and then all that follows. So points are rounded, and moved by the same
small pseudo-random numbers everywhere: JITTER decides a tie, and is far larger than any error of a sum. Silhouettes
decide by their first decimals only.
"""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ipre.frames import answer_for_each_group
from ipre.learning import KMeans, silhouette_samples

# Whole numbers for segments, customers and categories: texts take many times as long.
FEATURES = ("segment_number", "customer_number", "category_number", "total_quantity")
# Columns of the answer and their types.
CLUSTERS = {"customer_number": "int64", "kmeans_label": "int64", "silhouette_score": "float64", "silhouette": "float64"}
RANDOM_STATE = 0
# K-Means starts per k, of which the tightest is kept.
STARTS = 4
# Customers of a segment, at most, that silhouettes are measured on: time and memory grow with the square.
SILHOUETTE_CUSTOMERS = 2000
# A customer's point has a length of at most 1.
POINT_DECIMALS = 9
JITTER = 1e-4
SILHOUETTE_DECIMALS = 6


def points_of(quantities: np.ndarray, method: str) -> np.ndarray:
    """Turn quantities into points of a length of at most 1, the space that customers are compared in.

    quantities: (customers, categories), 0 or more, in units sold. `raw` keeps their proportions. `log` takes
    log(1 + quantity) and scales each customer to unit length, so that what is bought decides and not how much of it.
    Raises ValueError for another method.
    """
    if method not in ("log", "raw"):
        raise ValueError(f"clustering_transform must be log or raw, got {method!r}")
    values = np.log1p(quantities) if method == "log" else quantities
    lengths = np.sqrt((values**2).sum(axis=1, keepdims=True))
    scale = lengths if method == "log" else lengths.max(keepdims=True)
    return np.round(np.divide(values, scale, out=np.zeros_like(values), where=scale > 0), POINT_DECIMALS)


def cluster_segment(points: np.ndarray, max_k: int, min_customers: int) -> tuple[np.ndarray, float, np.ndarray]:
    """Best K-Means clustering of one segment.

    points: (customers, categories) as points_of gives them, in the order of the customers' numbers. k runs from 2 to
    max_k as long as k clusters keep min_customers customers on average; the best mean silhouette (Rousseeuw 1987) wins,
    the smaller k on a tie. In a segment of more than SILHOUETTE_CUSTOMERS customers it is measured on that many, spread
    evenly. Returns labels (customers,), the winning score and each measured customer's silhouette (customers,), NaN for
    the others; with one cluster score and silhouettes are NaN.
    """
    count = len(points)
    sample = np.arange(min(count, SILHOUETTE_CUSTOMERS)) * count // min(count, SILHOUETTE_CUSTOMERS)
    jittered = points + np.random.RandomState(RANDOM_STATE).normal(0, JITTER, points.shape)
    largest_k = min(max_k, count // min_customers, count - 1, len(np.unique(points, axis=0)))
    labels, score, silhouettes = np.zeros(count, dtype=int), np.nan, np.full(count, np.nan)
    for k in range(2, largest_k + 1):
        fit = KMeans(k, n_init=STARTS, random_state=RANDOM_STATE, tol=0, algorithm="lloyd").fit(jittered)
        # scikit-learn refuses to measure customers who are all in one cluster.
        if len(np.unique(fit.labels_[sample])) < 2:
            continue
        measured = silhouette_samples(jittered[sample], fit.labels_[sample])
        mean = round(float(measured.mean()), SILHOUETTE_DECIMALS)
        if np.isnan(score) or mean > score:
            labels, score = fit.labels_, mean
            silhouettes[sample] = np.round(measured, SILHOUETTE_DECIMALS)
    return labels, score, silhouettes


def cluster_customers(features: dict[str, np.ndarray], method: str, **limits: int) -> pd.DataFrame:
    """Cluster every segment on its own, with one thread: on segments of a usual size more only cost.

    features: one entry per customer and category in any order, as the arrays FEATURES. limits: of cluster_segment.
    Returns one row per customer: customer_number, kmeans_label (0, 1, 2 … inside the segment), silhouette_score of the
    segment, and the customer's own silhouette.
    """
    answers = [pd.DataFrame(columns=list(CLUSTERS))]
    with threadpool_limits(limits=1):
        for _, rows in pd.DataFrame(features).groupby("segment_number"):
            pivot = rows.pivot(index="customer_number", columns="category_number", values="total_quantity")
            points = points_of(np.nan_to_num(pivot.to_numpy(dtype=float)), method)
            answer = (pivot.index, *cluster_segment(points, **limits))
            answers.append(pd.DataFrame(dict(zip(CLUSTERS, answer, strict=True))))
    return pd.concat(answers[1:] or answers).astype(CLUSTERS)


def model(dbt, session):
    """dbt's entry point: features in, labels out."""
    # dbt reads these calls from the source text: each must stand there in full, with a literal name.
    method = dbt.config.meta_get("clustering_transform")
    limits = {
        "max_k": dbt.config.meta_get("max_clusters_per_segment"),
        "min_customers": dbt.config.meta_get("min_customers_per_cluster"),
    }
    return answer_for_each_group(
        dbt.ref("market_basket_by_category"),
        FEATURES,
        lambda features: cluster_customers(features, method, **limits),
        CLUSTERS,
    )
