"""K-Means clusters of the customers of each segment: the fit only.

The maths between two SQL models: clustering_features.sql hands over what every customer buys per category, with
whole numbers for segments, customers and categories; customer_clusters.sql numbers and names what comes back.
Business rules live there.
"""

import itertools

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics.pairwise import euclidean_distances
from threadpoolctl import threadpool_limits

FEATURES = ("segment_number", "customer_number", "category_number", "total_quantity")
RANDOM_STATE = 0
# Distances that are held at once, 8 bytes each.
BLOCK_DISTANCES = 8_000_000


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


def silhouettes(points: np.ndarray, clusterings: list[np.ndarray], sample: np.ndarray) -> list[np.ndarray]:
    """Silhouette of every customer in each of several clusterings (Rousseeuw 1987), measured against a sample.

    points: (customers, categories). clusterings: labels 0, 1, 2 … (customers,) each. sample: positions of the
    customers that distances are taken to. A customer's own distance of 0 does not count, as ever; a customer alone in
    its cluster has 0. A cluster that has no other customer of the sample is nobody's neighbour, and whose own cluster
    is such a one has 0, too. With all customers in the sample this is sklearn.metrics.silhouette_samples, for all
    clusterings from one set of distances: those cost the most. Gives one array (customers,) per clustering, -1..1.
    """
    count, sampled_points = len(points), points[sample]
    members = [(labels[sample, None] == np.arange(labels.max() + 1)).astype(float) for labels in clusterings]
    sizes = [each.sum(axis=0) for each in members]
    all_members = np.hstack(members)
    ends = np.cumsum([each.shape[1] for each in members])[:-1]
    results = [np.zeros(count) for _ in clusterings]
    is_sampled = np.zeros(count)
    is_sampled[sample] = 1
    height = max(1, BLOCK_DISTANCES // len(sample))
    for start in range(0, count, height):
        rows = slice(start, min(start + height, count))
        distances = euclidean_distances(points[rows], sampled_points)
        # Rounding leaves a tiny distance of a customer to itself.
        own = np.flatnonzero((sample >= rows.start) & (sample < rows.stop))
        distances[sample[own] - rows.start, own] = 0
        sums = np.split(distances @ all_members, ends, axis=1)
        for labels, size, total, result in zip(clusterings, sizes, sums, results, strict=True):
            here = np.arange(len(total)), labels[rows]
            others = size[labels[rows]] - is_sampled[rows]
            within = total[here] / np.maximum(others, 1)
            means = np.divide(total, size, out=np.full_like(total, np.inf), where=size > 0)
            means[here] = np.inf
            nearest = means.min(axis=1)
            larger = np.maximum(within, nearest)
            known = (others > 0) & np.isfinite(nearest) & (larger > 0)
            result[rows] = np.divide(nearest - within, larger, out=np.zeros_like(larger), where=known)
    return results


def cluster_segment(points: np.ndarray, max_k: int, min_customers: int, restarts: int, sample_size: int):
    """Best K-Means clustering of one segment.

    points: (customers, categories) in an order that does not depend on the input's. k runs from 2 to max_k as long
    as k clusters keep min_customers customers on average; the best mean silhouette wins, the smaller k on a tie.
    Silhouettes are measured against sample_size customers. Gives labels (customers,), the winning score and each
    customer's silhouette (customers,); with one cluster the score is None and the silhouettes are NaN.
    """
    count = len(points)
    largest_k = min(max_k, count // min_customers, count - 1)
    if largest_k >= 2:
        largest_k = min(largest_k, len(np.unique(points, axis=0)))
    clusterings = [
        KMeans(n_clusters=k, n_init=restarts, random_state=RANDOM_STATE).fit_predict(points)
        for k in range(2, largest_k + 1)
    ]
    sample = evenly_spread(count, sample_size)
    labels, score, best = np.zeros(count, dtype=int), None, np.full(count, np.nan)
    if clusterings:
        for candidate, each in zip(clusterings, silhouettes(points, clusterings, sample), strict=True):
            if len(np.unique(candidate)) > 1 and (score is None or each.mean() > score):
                labels, score, best = candidate, float(each.mean()), each
    return labels, score, best


def cluster_customers(features: dict[str, np.ndarray], method: str, **limits) -> pd.DataFrame:
    """Cluster every segment on its own.

    features: one entry per customer and category in any order, as the arrays FEATURES; the numbers are whole, 0 or
    more. Gives one row per customer: customer_number,
    kmeans_label (0, 1, 2 … inside the segment), silhouette_score of the segment, and the customer's own silhouette.
    """
    arrays = [np.asarray(features[name]) for name in FEATURES]
    order = np.lexsort(arrays[2::-1])
    segments, customers, categories, quantities = (array[order] for array in arrays)
    results = []
    edges = np.flatnonzero(np.diff(segments, prepend=-1, append=-1))
    for start, end in itertools.pairwise(edges):
        customer_numbers, rows = np.unique(customers[start:end], return_inverse=True)
        _, columns = np.unique(categories[start:end], return_inverse=True)
        pivot = np.zeros((len(customer_numbers), columns.max() + 1))
        pivot[rows, columns] = quantities[start:end]
        labels, score, best = cluster_segment(transform(pivot, method), **limits)
        results.append((customer_numbers, labels, np.full(len(labels), np.nan if score is None else score), best))
    columns = [np.concatenate(parts) for parts in zip(*results, strict=True)] or [np.empty(0)] * 4
    clusters = dict(zip(("customer_number", "kmeans_label", "silhouette_score", "silhouette"), columns, strict=True))
    return pd.DataFrame(clusters).astype({"customer_number": "int64", "kmeans_label": "int64"})


def model(dbt, session):
    """dbt's entry point: features in, labels out. One thread, because the answer must not depend on their number
    and because small fits spend their time on starting more."""
    # dbt reads these calls from the source text: each must stand there in full, with a literal name.
    with threadpool_limits(limits=1):
        clusters = cluster_customers(
            dbt.ref("clustering_features").project(", ".join(FEATURES)).fetchnumpy(),
            method=dbt.config.meta_get("clustering_transform"),
            max_k=dbt.config.meta_get("max_clusters_per_segment"),
            min_customers=dbt.config.meta_get("min_customers_per_cluster"),
            restarts=dbt.config.meta_get("kmeans_restarts"),
            sample_size=dbt.config.meta_get("max_silhouette_customers"),
        )
    return clusters
