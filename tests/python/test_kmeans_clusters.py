"""The Python model: the same customers always get the same clusters, and the clusters are the ones that are there."""

import itertools
import json
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import kmeans_clusters
import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT
from sklearn.cluster import KMeans, kmeans_plusplus
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
from threadpoolctl import threadpool_info, threadpool_limits
import kmeans_clusters
features, found, method, limits, threads = json.loads(sys.argv[1])
with threadpool_limits(limits=threads):
    kmeans_clusters.cluster_customers(dict(np.load(features)), method, **limits).to_pickle(found)
kernels = {each.get("architecture") for each in threadpool_info()}
print("kernels", sorted(kernels - {None}))
"""


def fit_apart(folder, name: str, threads: int, **variables):
    """Start a fit of folder/features.npz in a process of its own, in which these environment variables are set."""
    search = [str(Path(kmeans_clusters.__file__).parent), str(PROJECT), os.environ.get("PYTHONPATH", "")]
    unset = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    order = json.dumps([str(folder / "features.npz"), str(folder / f"{name}.pickle"), "log", LIMITS, threads])
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
    runs = {"own": fit_apart(tmp_path, "own", 2)}
    for kernel in KERNELS.get(platform.machine(), [""]):
        variables = plainest if len(runs) == 1 else {}
        runs[kernel] = fit_apart(tmp_path, kernel, 1, OPENBLAS_CORETYPE=kernel, **variables)
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


def test_the_order_of_adding_changes_no_bit():
    """What another processor does to a sum, done on this one: the same categories in another order."""
    features = tied_world()
    expected = kmeans_clusters.cluster_customers(features, "log", **LIMITS)
    for seed in range(3):
        numbers = np.random.default_rng(seed).permutation(12)
        moved = {**features, "category_number": numbers[features["category_number"]]}
        found = kmeans_clusters.cluster_customers(moved, "log", **LIMITS)
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_the_size_of_the_blocks_changes_no_bit(monkeypatch):
    points, clusterings = scattered()
    whole = kmeans_clusters.silhouettes(points, clusterings, np.arange(len(points)))
    monkeypatch.setattr(kmeans_clusters, "BLOCK_DISTANCES", 7 * len(points))
    in_blocks = kmeans_clusters.silhouettes(points, clusterings, np.arange(len(points)))
    assert all((one == other).all() for one, other in zip(whole, in_blocks, strict=True))


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
def test_the_last_bits_of_a_logarithm_change_nothing(monkeypatch, towards):
    quantities = np.arange(3_000_000.0).reshape(-1, 3)
    expected = kmeans_clusters.transform(quantities, "log")
    log1p = np.log1p

    def another_library(values):
        logs = log1p(values)
        for _ in range(4):
            logs = np.nextafter(logs, towards)
        return np.where(values == 0, 0, logs)

    monkeypatch.setattr(np, "log1p", another_library)
    assert (kmeans_clusters.transform(quantities, "log") == expected).all()


def test_sums_over_all_customers_and_categories_stay_exact_and_as_fine_as_that_allows():
    for customers, categories, largest in [(2, 1, 3.0), (91, 15, 1.0), (6_000, 45, 115_104.0), (300, 20, 1e-4)]:
        values = np.full((customers, categories), largest)
        found = kmeans_clusters.whole_numbers(values, values.size)
        assert (found == np.floor(found)).all()
        most = values.size * int(found.max()) ** 2
        assert 2**49 < most <= 2**53
    assert (kmeans_clusters.whole_numbers(np.zeros((3, 2)), 6) == 0).all()


def test_whole_numbers_keep_the_proportions():
    values = np.random.default_rng(2).random((500, 12))
    found = kmeans_clusters.whole_numbers(values, values.size)
    assert found / found.max() == pytest.approx(values / values.max(), abs=1e-5)


@pytest.mark.parametrize("seed", range(12))
def test_the_starts_are_those_of_scikit_learn(seed):
    """Three after each other from one state, as restarts draw them; in every third world many customers are equal."""
    values = np.random.default_rng(seed).random((50 + 40 * seed, 1 + seed % 7)) ** 3
    points = kmeans_clusters.whole_numbers(values.round(1) if seed % 3 == 0 else values, values.size)
    ours, theirs = np.random.RandomState(seed), np.random.RandomState(seed)
    for k in (2, 3, 9):
        expected, _ = kmeans_plusplus(points, k, random_state=theirs)
        assert kmeans_clusters.spread_starts(points, k, ours).tolist() == expected.tolist()


def test_the_fit_does_without_scikit_learn_whose_import_takes_longer():
    code = "import sys, kmeans_clusters; sys.exit('sklearn' in sys.modules)"
    folder = Path(kmeans_clusters.__file__).parent
    subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{PROJECT}"},
        check=True,
    )


def test_k_means_from_one_start_ends_where_that_of_scikit_learn_ends():
    random = np.random.default_rng(4)
    for seed in range(10):
        values = random.random((400, 6)) ** 3
        points = kmeans_clusters.whole_numbers(values, values.size)
        start = kmeans_plusplus(points, 2 + seed % 6, random_state=seed)[0]
        labels, spread = kmeans_clusters.lloyd(points, start)
        expected = KMeans(n_clusters=len(start), init=start, n_init=1, tol=0).fit(points)
        assert labels.tolist() == expected.labels_.tolist()
        assert spread + (points**2).sum() == pytest.approx(expected.inertia_, rel=1e-7)


def test_the_tightest_of_several_starts_is_kept(monkeypatch):
    points = kmeans_clusters.whole_numbers(np.random.default_rng(6).random((300, 4)), 1200)
    spreads = []
    lloyd = kmeans_clusters.lloyd
    monkeypatch.setattr(kmeans_clusters, "lloyd", lambda *given: spreads.append(lloyd(*given)) or spreads[-1])
    labels = kmeans_clusters.kmeans(points, 6, 8)
    assert len({spread for _, spread in spreads}) > 1
    assert labels.tolist() == min(spreads, key=lambda found: found[1])[0].tolist()


def test_a_center_on_a_tie_takes_nobody_from_one_of_lower_number():
    points = np.array([[0.0, 0.0], [4.0, 0.0], [8.0, 0.0]])
    assert kmeans_clusters.lloyd(points, points[[0, 2]])[0].tolist() == [0, 0, 1]
    assert kmeans_clusters.lloyd(points, points[[2, 0]])[0].tolist() == [1, 0, 0]


def test_a_center_that_loses_its_customers_starts_again_at_the_farthest_customer():
    points = np.array([[0.0], [1.0], [2.0], [90.0], [91.0]])
    labels, _ = kmeans_clusters.lloyd(points, np.array([[1.0], [1.0], [1.0]]))
    assert len(np.unique(labels)) == 3
    assert [len(np.unique(labels[places])) for places in ([0, 1, 2], [3, 4])] == [1, 2]


@pytest.mark.parametrize(("more", "clusters"), [(1e-12, 2), (1e-6, 3)])
def test_the_smaller_k_wins_where_silhouettes_differ_by_less_than_is_kept(monkeypatch, more, clusters):
    def nearly_equal(points, clusterings, sample):
        return [np.full(len(points), 0.25 + more * (labels.max() == 2)) for labels in clusterings]

    monkeypatch.setattr(kmeans_clusters, "silhouettes", nearly_equal)
    found = cluster(purchases(segments=("North_Trade",)), "log", **{**LIMITS, "max_k": 3})
    assert found["kmeans_label"].nunique() == clusters


def test_silhouettes_are_handed_on_without_the_decimals_that_nobody_vouches_for():
    found = cluster(purchases(), "log", **LIMITS)
    for column in ("silhouette", "silhouette_score"):
        assert (found[column] == found[column].round(9)).all()
        assert found[column].nunique() > 1
