"""The Python model: the same customers always get the same clusters, and the clusters are the ones that are there."""

import itertools
import json
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import kmeans_clusters
import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT
from sklearn.metrics import silhouette_samples

LIMITS = {"max_k": 5, "min_customers": 5}
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
        pd.testing.assert_frame_equal(cluster(features.sample(frac=1, random_state=seed), "log", **LIMITS), expected)


def test_a_segment_is_clustered_as_if_it_were_alone():
    features = purchases()
    together = cluster(features, "log", **LIMITS)
    alone = cluster(features[features["segment"] == "South_Trade"], "log", **LIMITS)
    assert grouping(alone).items() <= grouping(together).items()


def test_silhouettes_are_those_of_the_chosen_clustering_and_the_score_is_their_mean():
    features = purchases(segments=("North_Trade",))
    clusters = cluster(features, "log", **LIMITS)
    pivot = features.pivot_table(index="customer_id", columns="l2_category", values="total_quantity", fill_value=0)
    logs = np.log(1 + pivot.loc[clusters["customer_id"]].to_numpy(dtype=float))
    points = logs / np.sqrt((logs**2).sum(axis=1, keepdims=True))
    expected = silhouette_samples(points, clusters["kmeans_label"])
    # The jitter moves a silhouette by less than this.
    assert clusters["silhouette"].to_numpy() == pytest.approx(expected, abs=0.002)
    assert clusters["silhouette_score"].unique() == pytest.approx([expected.mean()], abs=0.002)


def test_in_a_large_segment_an_even_sample_of_the_customers_is_measured(monkeypatch):
    full = cluster(purchases(200), "log", **LIMITS)
    monkeypatch.setattr(kmeans_clusters, "SILHOUETTE_CUSTOMERS", 100)
    sampled = cluster(purchases(200), "log", **LIMITS)
    assert grouping(sampled) == grouping(full)
    for _, segment in sampled.groupby("segment"):
        assert np.flatnonzero(segment["silhouette"].notna()).tolist() == list(range(0, 400, 4))
    both = sampled["silhouette"].notna()
    assert (sampled["silhouette"] - full["silhouette"])[both].abs().max() < 0.05
    means = sampled.groupby("segment")["silhouette"].mean()
    assert sampled.groupby("segment")["silhouette_score"].first().to_numpy() == pytest.approx(means, abs=1e-6)


def test_a_clustering_of_which_the_sample_shows_one_cluster_is_not_chosen(monkeypatch):
    rows = purchases(segments=("North_Trade",))
    few_plumbers = rows[rows["customer_id"].str.contains("painter|plumber-0[0-3]")]
    assert cluster(few_plumbers, "log", max_k=2, min_customers=5)["kmeans_label"].nunique() == 2
    # Every eighth of 24 customers, of whom the first 20 are painters.
    monkeypatch.setattr(kmeans_clusters, "SILHOUETTE_CUSTOMERS", 3)
    found = cluster(few_plumbers, "log", max_k=2, min_customers=5)
    assert found["kmeans_label"].eq(0).all()
    assert found["silhouette_score"].isna().all()


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


def test_customers_who_cannot_be_told_apart_are_one_cluster():
    alike = purchases().assign(category_number=1, total_quantity=7).drop_duplicates(["segment", "customer_id"])
    assert cluster(alike, "log", **LIMITS)["kmeans_label"].eq(0).all()
    alone = cluster(purchases().head(1), "log", **LIMITS)
    assert alone["kmeans_label"].tolist() == [0] and alone["silhouette"].isna().all()


def test_no_purchases_give_no_clusters_but_the_same_columns():
    columns = ["customer_number", "kmeans_label", "silhouette_score", "silhouette"]
    arrays = {name: np.empty(0) for name in [*NUMBERS.values(), "total_quantity"]}
    assert list(kmeans_clusters.cluster_customers(arrays, "log", **LIMITS)) == columns


@pytest.mark.parametrize(
    ("method", "quantities", "points"),
    [
        ("log", [[1, 0], [500, 0], [0, 4]], [[1, 0], [1, 0], [0, 1]]),
        ("raw", [[3, 4], [1, 0]], [[0.6, 0.8], [0.2, 0.0]]),
        ("log", [[0, 0], [0, 0]], [[0, 0], [0, 0]]),
        ("raw", [[0, 0], [0, 0]], [[0, 0], [0, 0]]),
    ],
    ids=["log: what is bought and not how much", "raw: proportions, the largest customer is 1", "log 0", "raw 0"],
)
def test_the_transform_decides_what_counts_of_a_quantity(method, quantities, points):
    assert kmeans_clusters.points_of(np.array(quantities, float), method) == pytest.approx(np.array(points))


def test_the_model_passes_every_parameter_on(everything_build):
    """Each of them has other clusters than its default here."""
    found = everything_build.rows("select customer_number, kmeans_label from kmeans_clusters order by all", "helpers")
    query = f"select {', '.join(kmeans_clusters.FEATURES)} from market_basket_by_category"
    columns = map(np.array, zip(*everything_build.rows(query), strict=True))
    features = dict(zip(kmeans_clusters.FEATURES, columns, strict=True))

    def clusters(method="raw", max_k=10, min_customers=8) -> list[tuple]:
        made = kmeans_clusters.cluster_customers(features, method, max_k=max_k, min_customers=min_customers)
        return sorted(made[["customer_number", "kmeans_label"]].itertuples(index=False, name=None))

    assert found == clusters()
    assert found not in (clusters("log"), clusters(max_k=8), clusters(min_customers=30))
    with pytest.raises(ValueError, match="clustering_transform must be log or raw, got 'sqrt'"):
        clusters("sqrt")


def tied_world(segments=8, customers=100, seed=3) -> dict[str, np.ndarray]:
    """Customers of one to three of twelve categories, many of them in equal quantities, and a few in very large ones.

    Whoever shares no category with either of two centers is equally far from both, whoever shares half of each also:
    the last bit of a rounding decides, unless there is none. In this world it does so for scikit-learn's "lloyd" and
    for its "elkan", with or without points rounded to six decimals.
    """
    random = np.random.default_rng(seed)
    rows = []
    for segment, customer in itertools.product(range(segments), range(customers)):
        number = segment * customers + customer
        categories = random.choice(12, (2, 2, 1, 3)[segment % 4], replace=False)
        quantities = [1] * len(categories) if segment % 3 else random.integers(1, 2_000_000, len(categories))
        rows += [(segment, number, *pair) for pair in zip(categories, quantities, strict=True)]
    return dict(zip(kmeans_clusters.FEATURES, np.array(rows).T, strict=True))


# Kernels of OpenBLAS, which numpy and scipy bring along: first one that every processor of the kind has.
KERNELS = {
    "x86_64": ["Prescott", "Sandybridge", "Haswell", "SkylakeX"],
    "aarch64": ["ARMV8", "CORTEXA57", "NEOVERSEN1"],
}
FIT = """
import json, sys
import numpy as np, pandas as pd
from threadpoolctl import threadpool_info
import kmeans_clusters
features, found, method, limits = json.loads(sys.argv[1])
kmeans_clusters.cluster_customers(dict(np.load(features)), method, **limits).to_pickle(found)
kernels = {each.get("architecture") for each in threadpool_info()}
print("kernels", sorted(kernels - {None}))
"""


def fit_apart(folder, name: str, **variables):
    """Start a fit of folder/features.npz in a process of its own, in which these environment variables are set."""
    search = [str(Path(kmeans_clusters.__file__).parent), str(PROJECT), os.environ.get("PYTHONPATH", "")]
    unset = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    order = json.dumps([str(folder / "features.npz"), str(folder / f"{name}.pickle"), "log", LIMITS])
    return subprocess.Popen(
        [sys.executable, "-c", FIT, order],
        env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, search)), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_every_processor_gives_the_same_labels_and_silhouettes(tmp_path):
    """Each kind of processor adds up a matrix product in an order of its own; numpy's loops and the library of
    mathematics choose by it, too. Threads add up in yet another order."""
    np.savez(tmp_path / "features.npz", **tied_world())
    extensions = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    plainest = {"NPY_DISABLE_CPU_FEATURES": " ".join(extensions), "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"}
    runs = {"own": fit_apart(tmp_path, "own")}
    for kernel in KERNELS.get(platform.machine(), [""]):
        variables = plainest if len(runs) == 1 else {}
        runs[kernel] = fit_apart(tmp_path, kernel, OPENBLAS_CORETYPE=kernel, **variables)
    kernels = {}
    for name, run in runs.items():
        said, complaint = run.communicate(timeout=120)
        # A kernel that this processor lacks.
        if name != "own" and run.returncode == -signal.SIGILL:
            continue
        assert run.returncode == 0, f"{name}: {complaint}"
        kernels[name] = said.strip().splitlines()[-1]
    expected = pd.read_pickle(tmp_path / "own.pickle")
    for name in kernels:
        pd.testing.assert_frame_equal(pd.read_pickle(tmp_path / f"{name}.pickle"), expected, check_exact=True, obj=name)
    if len(set(kernels.values())) == 1:
        pytest.skip(f"one kernel of OpenBLAS runs here: {kernels}")


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
def test_the_last_bits_of_a_logarithm_change_nothing(monkeypatch, towards):
    expected = kmeans_clusters.cluster_customers(tied_world(), "log", **LIMITS)
    log1p = np.log1p

    def another_library(values):
        logs = log1p(values)
        for _ in range(4):
            logs = np.nextafter(logs, towards)
        return np.where(values == 0, 0, logs)

    monkeypatch.setattr(np, "log1p", another_library)
    found = kmeans_clusters.cluster_customers(tied_world(), "log", **LIMITS)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize(("more", "clusters"), [(1e-8, 2), (1e-5, 3)])
def test_the_smaller_k_wins_where_silhouettes_differ_by_less_than_is_kept(monkeypatch, more, clusters):
    def nearly_equal(points, labels):
        return np.full(len(points), 0.25 + more * (labels.max() == 2))

    monkeypatch.setattr(kmeans_clusters, "silhouette_samples", nearly_equal)
    found = cluster(purchases(segments=("North_Trade",)), "log", **{**LIMITS, "max_k": 3})
    assert found["kmeans_label"].nunique() == clusters


def test_silhouettes_are_handed_on_without_the_decimals_that_nobody_vouches_for():
    found = cluster(purchases(), "log", **LIMITS)
    for column in ("silhouette", "silhouette_score"):
        assert (found[column] == found[column].round(6)).all()
        assert found[column].nunique() > 1
