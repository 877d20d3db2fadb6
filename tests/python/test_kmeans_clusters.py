"""The Python model: the same customers always get the same clusters, and the clusters are the ones that are there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import kmeans_clusters
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import pairwise_distances, silhouette_samples, silhouette_score

LIMITS = {"max_k": 5, "min_customers": 5, "restarts": 4, "sample_size": 1000}
NUMBERS = {"segment": "segment_number", "customer_id": "customer_number", "l2_category": "category_number"}


def purchases(customers_per_trade=20, segments=("North_Trade", "South_Trade"), seed=3) -> pd.DataFrame:
    """Painters and plumbers: two kinds of customers per segment that share one category."""
    random = np.random.default_rng(seed)
    rows = []
    for segment in segments:
        for trade, own in (("painter", ["Paints", "Brushes"]), ("plumber", ["Pipes", "Fittings"])):
            for number in range(customers_per_trade):
                for category in [*own, "Safety"]:
                    quantity = int(random.integers(1, 50)) if category != "Safety" else 1
                    rows.append((segment, f"{segment[0]}-{trade}-{number:02}", category, quantity))
    features = pd.DataFrame(rows, columns=["segment", "customer_id", "l2_category", "total_quantity"])
    for text, number in NUMBERS.items():
        features[number] = features[text].rank(method="dense").astype(int)
    return features


def cluster(features: pd.DataFrame, method: str, **limits) -> pd.DataFrame:
    """The clusters with the texts that the numbers stand for, in the order of the numbers."""
    arrays = {name: features[name].to_numpy() for name in [*NUMBERS.values(), "total_quantity"]}
    names = features[["segment", "customer_id", "customer_number"]].drop_duplicates()
    return kmeans_clusters.cluster_customers(arrays, method, **limits).merge(names, on="customer_number")


def grouping(clusters: pd.DataFrame) -> dict:
    return dict(zip(clusters["customer_id"], clusters["kmeans_label"], strict=True))


def test_customers_who_buy_alike_share_a_cluster_and_others_do_not():
    clusters = cluster(purchases(), "log", **LIMITS)
    trades = clusters.assign(trade=clusters["customer_id"].str.split("-").str[1])
    labels = trades.groupby(["segment", "trade"])["kmeans_label"].unique()
    assert all(len(found) == 1 for found in labels)
    assert labels["North_Trade", "painter"][0] != labels["North_Trade", "plumber"][0]


def test_the_order_of_the_rows_changes_no_label():
    features = purchases()
    expected = cluster(features, "log", **LIMITS)
    for seed in range(5):
        shuffled = features.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(cluster(shuffled, "log", **LIMITS), expected)


def test_a_segment_is_clustered_as_if_it_were_alone():
    features = purchases()
    together = cluster(features, "log", **LIMITS)
    alone = cluster(features[features["segment"] == "South_Trade"], "log", **LIMITS)
    assert grouping(alone).items() <= grouping(together).items()


def test_the_score_is_the_mean_silhouette_of_the_chosen_clustering():
    features = purchases(segments=("North_Trade",))
    clusters = cluster(features, "log", **LIMITS)
    pivot = features.pivot_table(index="customer_id", columns="l2_category", values="total_quantity", fill_value=0)
    logs = np.log(1 + pivot.loc[clusters["customer_id"]].to_numpy(dtype=float))
    points = logs / np.sqrt((logs**2).sum(axis=1, keepdims=True))
    expected = silhouette_score(points, clusters["kmeans_label"])
    assert clusters["silhouette_score"].unique() == pytest.approx([expected])
    assert clusters["silhouette"].mean() == pytest.approx(expected)


def test_no_other_number_of_clusters_has_a_better_silhouette():
    rows = purchases(segments=("North_Trade",), seed=11)
    best = cluster(rows, "raw", **LIMITS)["silhouette_score"].iloc[0]
    for most in (2, 3, 4):
        fewer = cluster(rows, "raw", **{**LIMITS, "max_k": most})
        assert fewer["silhouette_score"].iloc[0] <= best


@pytest.mark.parametrize(("customers", "clusters"), [(9, 1), (10, 2)])
def test_clusters_keep_the_minimum_of_customers_on_average(customers, clusters):
    rows = purchases(segments=("North_Trade",)).query("l2_category != 'Safety'")
    chosen = sorted(rows["customer_id"].unique(), key=lambda name: (name[-2:], name))[:customers]
    found = cluster(rows[rows["customer_id"].isin(chosen)], "log", **LIMITS)
    assert found["kmeans_label"].nunique() == clusters
    assert found["silhouette_score"].isna().all() == (clusters == 1)


def test_customers_who_all_buy_the_same_are_one_cluster():
    rows = purchases().assign(category_number=1, total_quantity=7).drop_duplicates(["segment", "customer_id"])
    assert cluster(rows, "log", **LIMITS)["kmeans_label"].eq(0).all()


def test_a_single_customer_is_a_cluster():
    found = cluster(purchases().head(1), "log", **LIMITS)
    assert found["kmeans_label"].tolist() == [0]
    assert found["silhouette"].isna().all()


def test_no_purchases_give_no_clusters_but_the_same_columns():
    columns = ["customer_number", "kmeans_label", "silhouette_score", "silhouette"]
    arrays = {name: np.empty(0) for name in [*NUMBERS.values(), "total_quantity"]}
    assert list(kmeans_clusters.cluster_customers(arrays, "log", **LIMITS)) == columns


def test_log_looks_at_what_is_bought_and_not_at_how_much():
    points = kmeans_clusters.transform(np.array([[1.0, 0.0], [500.0, 0.0], [0.0, 4.0]]), "log")
    assert points == pytest.approx(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))


def test_raw_keeps_the_quantities():
    quantities = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert kmeans_clusters.transform(quantities, "raw") is quantities


def test_an_unknown_transform_is_refused_by_name():
    with pytest.raises(ValueError, match="clustering_transform must be log or raw, got 'sqrt'"):
        kmeans_clusters.transform(np.ones((2, 2)), "sqrt")


def test_a_sample_of_a_large_segment_is_spread_evenly():
    assert kmeans_clusters.evenly_spread(10, 5).tolist() == [0, 2, 4, 6, 8]
    assert kmeans_clusters.evenly_spread(3, 5).tolist() == [0, 1, 2]


def scattered(count=90, seed=5):
    """Points with repeated ones, and clusterings of them with a large, a small and a single-customer cluster."""
    random = np.random.default_rng(seed)
    points = random.integers(0, 4, (count, 3)).astype(float)
    points[:10] = points[0]
    clusterings = [np.unique(random.integers(0, k, count), return_inverse=True)[1] for k in (2, 3, 7)]
    lonely = np.zeros(count, dtype=int)
    lonely[7] = 1
    return points, [*clusterings, lonely]


def test_silhouettes_of_all_clusterings_at_once_are_those_of_scikit_learn(monkeypatch):
    points, clusterings = scattered()
    for block in (10, 10**6):
        monkeypatch.setattr(kmeans_clusters, "BLOCK_DISTANCES", block)
        found = kmeans_clusters.silhouettes(points, clusterings, np.arange(len(points)))
        for labels, each in zip(clusterings, found, strict=True):
            assert each == pytest.approx(silhouette_samples(points, labels), abs=1e-12)


def test_silhouettes_against_a_sample_follow_the_definition():
    points, clusterings = scattered()
    sample = kmeans_clusters.evenly_spread(len(points), 25)
    distances = pairwise_distances(points)
    for labels, found in zip(clusterings, kmeans_clusters.silhouettes(points, clusterings, sample), strict=True):
        for customer in range(len(points)):
            others = sample[sample != customer]
            means = {
                label: distances[customer, others[labels[others] == label]].mean() for label in set(labels[others])
            }
            own = means.pop(labels[customer], None)
            nearest = min(means.values(), default=0)
            expected = 0 if own is None or not means else (nearest - own) / (max(own, nearest) or 1)
            assert found[customer] == pytest.approx(expected, abs=1e-12)


def test_every_customer_of_a_large_segment_has_a_silhouette_close_to_the_full_one():
    full = cluster(purchases(200), "log", **LIMITS)
    sampled = cluster(purchases(200), "log", **{**LIMITS, "sample_size": 100})
    assert grouping(sampled) == grouping(full)
    assert (sampled["silhouette"] - full["silhouette"]).abs().max() < 0.05
    assert not sampled["silhouette"].equals(full["silhouette"])
    assert sampled["silhouette_score"].iloc[0] == pytest.approx(
        sampled.loc[sampled["segment"] == "North_Trade", "silhouette"].mean()
    )


class Dbt:
    """A small stand-in for what dbt hands to a Python model."""

    def __init__(self, features: pd.DataFrame, parameters: dict):
        self.features, self.parameters, self.config = features, parameters, self

    def ref(self, name):
        assert name == "clustering_features"
        return duckdb.from_df(self.features)

    def meta_get(self, name):
        return self.parameters[name]


def test_the_model_passes_every_parameter_on():
    parameters = {
        "clustering_transform": "log",
        "max_clusters_per_segment": LIMITS["max_k"],
        "min_customers_per_cluster": LIMITS["min_customers"],
        "kmeans_restarts": LIMITS["restarts"],
        "max_silhouette_customers": LIMITS["sample_size"],
    }
    found = kmeans_clusters.model(Dbt(purchases(), parameters), None)
    expected = cluster(purchases(), "log", **LIMITS)
    assert found["kmeans_label"].tolist() == expected["kmeans_label"].tolist()
    single = kmeans_clusters.model(Dbt(purchases(), {**parameters, "max_clusters_per_segment": 1}), None)
    assert single["kmeans_label"].eq(0).all()


# Customers who buy two of twelve categories each, all the same quantity: many are as far from one center as from
# another, and then the last bit of a sum decides. Prints what the fit says of them, as bits.
FIT = """
import hashlib
import numpy as np
import kmeans_clusters
from threadpoolctl import threadpool_limits

draw = np.random.default_rng(1)
sizes = draw.integers(60, 300, 12)
segments = np.repeat(np.arange(12), sizes)
baskets = np.array([draw.choice(12, 2, replace=False) for _ in segments])
features = {
    "segment_number": np.repeat(segments, 2),
    "customer_number": np.repeat(np.arange(len(segments)), 2),
    "category_number": baskets.ravel(),
    "total_quantity": np.ones(2 * len(segments)),
}
with threadpool_limits(limits=1):
    found = kmeans_clusters.cluster_customers(
        features, "log", max_k=8, min_customers=20, restarts=4, sample_size=100
    )
assert found["kmeans_label"].max() > 2
for column in found:
    print(column, hashlib.sha1(found[column].to_numpy().tobytes()).hexdigest())
"""
# Each is a way in which processors add: the first runs on all of x86-64. On another processor they are not known, and
# then the fit runs the same way each time.
KERNELS = ["", "Prescott", "Sandybridge", "Haswell"]


def test_the_clusters_are_the_same_bit_for_bit_on_every_kind_of_processor():
    """OpenBLAS and numpy choose their code by the processor when a process starts; each process is told another."""
    told = {}
    for kernel in KERNELS:
        settings = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
        settings |= {"PYTHONPATH": str(Path(kmeans_clusters.__file__).parent)}
        if kernel:
            settings |= {
                "OPENBLAS_CORETYPE": kernel,
                "NPY_DISABLE_CPU_FEATURES": "X86_V3" if kernel == "Prescott" else "",
            }
        fit = subprocess.run([sys.executable, "-c", FIT], env=settings, capture_output=True, text=True, check=False)
        if fit.returncode in (-signal.SIGILL, -signal.SIGSEGV):
            continue  # This processor cannot run that kernel.
        assert fit.returncode == 0, fit.stderr
        told[kernel] = fit.stdout
    assert {"", "Prescott"} <= set(told)
    assert len(set(told.values())) == 1, told
