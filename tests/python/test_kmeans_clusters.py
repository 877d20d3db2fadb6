"""The Python model: the same customers always get the same clusters, and the clusters are the ones that are there."""

import duckdb
import kmeans_clusters
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

LIMITS = {"max_k": 5, "min_customers": 5, "restarts": 4, "sample_size": 1000}


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
    return pd.DataFrame(rows, columns=["segment", "customer_id", "l2_category", "total_quantity"])


def grouping(clusters: pd.DataFrame) -> dict:
    return dict(zip(clusters["customer_id"], clusters["kmeans_label"], strict=True))


def test_customers_who_buy_alike_share_a_cluster_and_others_do_not():
    clusters = kmeans_clusters.cluster_customers(purchases(), "log", **LIMITS)
    trades = clusters.assign(trade=clusters["customer_id"].str.split("-").str[1])
    labels = trades.groupby(["segment", "trade"])["kmeans_label"].unique()
    assert all(len(found) == 1 for found in labels)
    assert labels["North_Trade", "painter"][0] != labels["North_Trade", "plumber"][0]


def test_the_order_of_the_rows_changes_no_label():
    features = purchases()
    expected = kmeans_clusters.cluster_customers(features, "log", **LIMITS)
    for seed in range(5):
        shuffled = features.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(kmeans_clusters.cluster_customers(shuffled, "log", **LIMITS), expected)


def test_a_segment_is_clustered_as_if_it_were_alone():
    features = purchases()
    together = kmeans_clusters.cluster_customers(features, "log", **LIMITS)
    alone = kmeans_clusters.cluster_customers(features[features["segment"] == "South_Trade"], "log", **LIMITS)
    assert grouping(alone).items() <= grouping(together).items()


def test_the_score_is_the_mean_silhouette_of_the_chosen_clustering():
    features = purchases(segments=("North_Trade",))
    clusters = kmeans_clusters.cluster_customers(features, "log", **LIMITS)
    pivot = features.pivot_table(index="customer_id", columns="l2_category", values="total_quantity", fill_value=0)
    logs = np.log(1 + pivot.loc[clusters["customer_id"]].to_numpy(dtype=float))
    points = logs / np.sqrt((logs**2).sum(axis=1, keepdims=True))
    expected = silhouette_score(points, clusters["kmeans_label"])
    assert clusters["silhouette_score"].unique() == pytest.approx([expected])
    assert clusters["silhouette"].mean() == pytest.approx(expected)


def test_no_other_number_of_clusters_has_a_better_silhouette():
    rows = purchases(segments=("North_Trade",), seed=11)
    best = kmeans_clusters.cluster_customers(rows, "raw", **LIMITS)["silhouette_score"].iloc[0]
    for most in (2, 3, 4):
        fewer = kmeans_clusters.cluster_customers(rows, "raw", **{**LIMITS, "max_k": most})
        assert fewer["silhouette_score"].iloc[0] <= best


@pytest.mark.parametrize(("customers", "clusters"), [(9, 1), (10, 2)])
def test_clusters_keep_the_minimum_of_customers_on_average(customers, clusters):
    rows = purchases(segments=("North_Trade",)).query("l2_category != 'Safety'")
    chosen = sorted(rows["customer_id"].unique(), key=lambda name: (name[-2:], name))[:customers]
    found = kmeans_clusters.cluster_customers(rows[rows["customer_id"].isin(chosen)], "log", **LIMITS)
    assert found["kmeans_label"].nunique() == clusters
    assert found["silhouette_score"].isna().all() == (clusters == 1)


def test_customers_who_all_buy_the_same_are_one_cluster():
    rows = purchases().assign(l2_category="Paints", total_quantity=7).drop_duplicates()
    assert kmeans_clusters.cluster_customers(rows, "log", **LIMITS)["kmeans_label"].eq(0).all()


def test_a_single_customer_is_a_cluster():
    rows = pd.DataFrame({"segment": ["S"], "customer_id": ["1"], "l2_category": ["Paints"], "total_quantity": [3.0]})
    found = kmeans_clusters.cluster_customers(rows, "log", **LIMITS)
    assert found[["customer_id", "kmeans_label"]].values.tolist() == [["1", 0]]


def test_no_purchases_give_no_clusters_but_the_same_columns():
    assert list(kmeans_clusters.cluster_customers(purchases().head(0), "log", **LIMITS)) == kmeans_clusters.COLUMNS


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


def test_the_sample_size_moves_the_score_and_leaves_the_rest_without_silhouette():
    found = kmeans_clusters.cluster_customers(purchases(), "log", **{**LIMITS, "sample_size": 30})
    assert found.groupby("segment")["silhouette"].count().tolist() == [30, 30]


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
    assert grouping(found) == grouping(kmeans_clusters.cluster_customers(purchases(), "log", **LIMITS))
    single = kmeans_clusters.model(Dbt(purchases(), {**parameters, "max_clusters_per_segment": 1}), None)
    assert single["kmeans_label"].eq(0).all()
