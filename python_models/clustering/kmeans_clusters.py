"""K-Means clusters of the customers of each segment: the fit only.

The maths between two SQL models: clustering_features.sql hands over what every customer buys per category, with
whole numbers for segments, customers and categories; customer_clusters.sql numbers and names what comes back.
Business rules live there.

The same customers get the same clusters and silhouettes, bit for bit, on every machine. Floating-point sums depend on
the order of adding, and a matrix product adds in another order on every kind of processor; where a customer is as far
from one center as from another (a basket of one category often is) the last bit decides, and then all that follows. So
customers, centers and distances are whole numbers here, small enough that every sum of their products is below 2^53:
then floating point makes no error, whatever the order. What remains, +, -, *, / and square roots of two numbers, rounds
the same everywhere (IEEE 754). scikit-learn's KMeans takes the mean off the customers and works with fractions, so
that it depends on the processor, and importing it costs more than the fit: tests compare with it.
"""

import itertools
import math

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ipre.frames import answer_for_each_group

FEATURES = ("segment_number", "customer_number", "category_number", "total_quantity")
# Columns of the answer and their types.
CLUSTERS = {"customer_number": "int64", "kmeans_label": "int64", "silhouette_score": "float64", "silhouette": "float64"}
RANDOM_STATE = 0
# Floating point holds every whole number up to 2^53: below it sums are exact.
EXACT_BITS = 53
# Logarithms are rounded to multiples of this. Of those of whole quantities up to 100 million none comes within 30 units
# of its last place to the middle between two multiples: libraries of mathematics that differ by less round alike.
LOG_STEP = 2.0**-16
MOST_ROUNDS = 300
SILHOUETTE_DECIMALS = 9
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
    logs = np.rint(np.log1p(quantities) / LOG_STEP)
    lengths = np.sqrt((logs**2).sum(axis=1, keepdims=True))
    return np.divide(logs, lengths, out=np.zeros_like(logs), where=lengths > 0)


def evenly_spread(count: int, wanted: int) -> np.ndarray:
    """Positions of `wanted` of `count` rows at even distances (all of them when there are no more)."""
    return np.arange(count) if count <= wanted else np.arange(wanted) * count // wanted


def whole_numbers(values: np.ndarray, terms: int) -> np.ndarray:
    """Values 0 or more, rounded to the finest power of two at which a sum of `terms` products of two is exact.

    The result is in units of that power. Distances, silhouettes and the best clustering do not depend on the unit.
    """
    largest = math.frexp(float(values.max(initial=0)))[1]
    return np.rint(np.ldexp(values, (EXACT_BITS - terms.bit_length()) // 2 - largest))


def squared_distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Squared distances (points, others), in one piece of memory. Exact for what whole_numbers gives."""
    distances = (-2 * points) @ others.T
    distances += (points**2).sum(axis=1)[:, None]
    distances += (others**2).sum(axis=1)
    return np.maximum(distances, 0, out=distances)


def spread_starts(points: np.ndarray, k: int, random: np.random.RandomState) -> np.ndarray:
    """Customers far from each other to start from, (k, categories): greedy k-means++ (Arthur & Vassilvitskii 2007).

    points: (customers, categories) as whole_numbers gives them. Each start but the first is the best of 2 + log(k) that
    are drawn with a chance that grows with the squared distance to the nearest start so far. From the same state of
    random these are the starts of sklearn.cluster.kmeans_plusplus.
    """
    starts = [random.choice(len(points), p=np.full(len(points), 1 / len(points)))]
    nearest = squared_distances(points[starts], points)[0]
    for _ in range(1, k):
        draws = random.uniform(size=2 + int(math.log(k))) * nearest.sum()
        drawn = np.minimum(np.searchsorted(np.cumsum(nearest), draws), len(points) - 1)
        left = np.minimum(nearest, squared_distances(points[drawn], points))
        best = left.sum(axis=1).argmin()
        starts, nearest = [*starts, drawn[best]], left[best]
    return points[starts]


def lloyd(points: np.ndarray, centers: np.ndarray) -> tuple[np.ndarray, float]:
    """K-Means from given centers (Lloyd 1982): everybody to the nearest center, centers to their customers' mean.

    points: (customers, categories) and centers: (k, categories), both as whole_numbers gives them. Centers stay whole
    numbers. The center of lower number is nearer on a tie. A center that lost all customers starts again at the
    customer who is farthest from its own. Ends when nobody moves, after MOST_ROUNDS at the latest. Gives labels
    0 … k - 1 (customers,) and the sum of the squared distances to the own center, in squared units of the points and
    less the customers' own squares, which are the same for every clustering.
    """
    clusters = np.arange(len(centers), dtype=np.int32)[:, None]
    labels, sums, sizes = np.full(len(points), -1), np.zeros_like(centers), np.zeros(len(centers))
    for _ in range(MOST_ROUNDS):
        # Squared distances, (k, customers), less the customer's square.
        distances = (-2 * centers) @ points.T + (centers**2).sum(axis=1, keepdims=True)
        own = distances.min(axis=0)
        # The lowest number at the smallest distance; argmin takes four times as long on so few centers.
        nearest = len(centers) - ((distances == own) * (len(centers) - clusters)).max(axis=0)
        moved = np.flatnonzero(nearest != labels)
        if not len(moved):
            break
        # Sums of whole numbers are exact, so those who stay need not be added again.
        changes = (clusters == nearest[moved]).astype(float) - (clusters == labels[moved])
        labels, sums, sizes = nearest, sums + changes @ points[moved], sizes + changes.sum(axis=1)
        centers = np.rint(sums / np.maximum(sizes, 1)[:, None])
        lost = np.flatnonzero(sizes == 0)
        if len(lost):
            farthest = np.argsort(-((points - centers[labels]) ** 2).sum(axis=1), kind="stable")
            centers[lost] = points[farthest[: len(lost)]]
    return labels, float(own.sum())


def kmeans(points: np.ndarray, k: int, restarts: int) -> np.ndarray:
    """Labels (customers,) of the tightest of several K-Means clusterings, the earlier one on a tie.

    points: (customers, categories) as whole_numbers gives them.
    """
    random = np.random.RandomState(RANDOM_STATE)
    starts = [spread_starts(points, k, random) for _ in range(restarts)]
    return min((lloyd(points, start) for start in starts), key=lambda result: result[1])[0]


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
    # Roots are no whole numbers: in the finest unit in which a sum over the sample is exact they are rounded to such.
    farthest = 2 * math.sqrt(float((points**2).sum(axis=1).max()))
    unit = 2.0 ** (EXACT_BITS - len(sample).bit_length() - math.frexp(farthest)[1])
    height = max(1, BLOCK_DISTANCES // len(sample))
    for start in range(0, count, height):
        rows = slice(start, min(start + height, count))
        distances = squared_distances(points[rows] * unit, sampled_points * unit)
        np.rint(np.sqrt(distances, out=distances), out=distances)
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
    count, points = len(points), whole_numbers(points, points.size)
    largest_k = min(max_k, count // min_customers, count - 1)
    if largest_k >= 2:
        largest_k = min(largest_k, len(np.unique(points, axis=0)))
    clusterings = [kmeans(points, k, restarts) for k in range(2, largest_k + 1)]
    sample = evenly_spread(count, sample_size)
    labels, score, best = np.zeros(count, dtype=int), None, np.full(count, np.nan)
    if clusterings:
        for candidate, each in zip(clusterings, silhouettes(points, clusterings, sample), strict=True):
            rounded = np.round(each, SILHOUETTE_DECIMALS)
            mean = round(math.fsum(rounded) / count, SILHOUETTE_DECIMALS)
            if len(np.unique(candidate)) > 1 and (score is None or mean > score):
                labels, score, best = candidate, mean, rounded
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
    return pd.DataFrame(dict(zip(CLUSTERS, columns, strict=True))).astype(CLUSTERS)


def model(dbt, session):
    """dbt's entry point: features in, labels out. One thread, because the answer must not depend on their number
    and because small fits spend their time on starting more."""
    # dbt reads these calls from the source text: each must stand there in full, with a literal name.
    method = dbt.config.meta_get("clustering_transform")
    limits = {
        "max_k": dbt.config.meta_get("max_clusters_per_segment"),
        "min_customers": dbt.config.meta_get("min_customers_per_cluster"),
        "restarts": dbt.config.meta_get("kmeans_restarts"),
        "sample_size": dbt.config.meta_get("max_silhouette_customers"),
    }

    def clusters(features):
        with threadpool_limits(limits=1):
            return cluster_customers(features, method, **limits)

    return answer_for_each_group(dbt.ref("clustering_features"), FEATURES, clusters, CLUSTERS)
