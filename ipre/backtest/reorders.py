"""Who buys again: the chances of a build beside other ways to order what a customer owns, measured by what it bought.

Ways of the literature are written out here: Hu et al. 2020 (TIFU-KNN) and Faggioli et al. 2020 (UP-CF@r), the two that
reviews of next-basket recommendation find ahead of most neural networks. Their settings are the authors' for groceries
(Ta-Feng), tried on Online Retail II. A basket is a day on which a customer ordered.
"""

import math

import numpy as np
import pandas as pd
from scipy import sparse

PLACES = 10
MEASURES = ("ndcg", "hit_rate", "recall")
CHANCE = "chance"
COLUMNS = {
    "measure": "str",
    "method": "str",
    "customers": "int64",
    **{f"{value}{end}": "float64" for value in ("value", "difference_to_chance") for end in ("", "_low", "_high")},
}
# TIFU-KNN: groups of baskets, decays within a group and from group to group, neighbors, weight of the own vector.
GROUPS, WITHIN, BETWEEN, NEIGHBORS, OWN = 7, 0.9, 0.7, 300, 0.7
# UP-CF@r: recent baskets, locality, asymmetry of the cosine.
RECENT, LOCALITY, ASYMMETRY = 25, 10, 0.25
# Numbers that a block of customers beside all others may take.
BLOCK = 20_000_000

# Customers that are asked, at most: neighbors are looked for among all customers, one by one.
ASKED = 5000


def measures(outcomes: pd.DataFrame, days: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return what the chances of a build were worth, one row per measure and method, as backtest_metrics has them.

    outcomes: reorder_outcomes; days: purchase_days; customers: customer_number, expected_value and usual_value. No rows
    where nobody bought anything again.
    """
    pairs = outcomes.sort_values(["customer_number", "product_number"], ignore_index=True)
    pairs = pairs.assign(is_bought=pairs["is_bought"].astype(bool), value=pairs["value"].astype(float))
    again = np.unique(pairs.loc[pairs["is_bought"], "customer_number"].to_numpy())
    if not len(again):
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    brought = pairs.groupby("customer_number")["value"].sum()
    said = customers.sort_values("customer_number", ignore_index=True)
    said = said.assign(value=said["customer_number"].map(brought).fillna(0).astype(float))
    asked = again[np.linspace(0, len(again) - 1, min(len(again), ASKED)).astype(int)]
    pairs = pairs[pairs["customer_number"].isin(asked)].reset_index(drop=True)
    rows = [*compared(pairs, methods(pairs, days)), *forecasts(said)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def methods(pairs: pd.DataFrame, days: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return each way's score for each pair, the higher the earlier in the list."""
    silence = pairs["days_since_last_purchase"].to_numpy(float)
    ratio = silence / usual_intervals(pairs, days)
    lately = own_values(pairs, matrix_of(days, 0.5 ** (days["days_ago"].to_numpy() / 56), shape_of(days)))
    decayed = pairs["decayed_purchases"].to_numpy(float)
    chance = pairs["reorder_chance"].to_numpy(float)
    return {
        CHANCE: np.where(np.isnan(chance), decayed, chance),
        "tifu_knn": tifu_knn(pairs, days),
        "up_cf": up_cf(pairs, days),
        "decayed_count": decayed,
        # Of as many the one that was bought last.
        "top_frequency": pairs["purchases"].to_numpy(float) - silence / 1e5,
        # Due ones first, and each kind by purchase days halved every 56 days.
        "rhythm": np.where((ratio >= 0.8) & (ratio <= 2), 1.0, 0.0) + lately / (1 + lately),
    }


def usual_intervals(pairs: pd.DataFrame, days: pd.DataFrame) -> np.ndarray:
    """Return each pair's median days from one purchase day to the next; nan with fewer than three, or below a week."""
    key = ["customer_number", "product_number"]
    days = days.sort_values([*key, "days_ago"])
    gaps = days.assign(gap=days.groupby(key)["days_ago"].diff()).groupby(key)["gap"].agg(["median", "count"])
    usual = gaps["median"].where((gaps["count"] >= 2) & (gaps["median"] >= 7)).rename("usual")
    return pairs[key].join(usual, on=key)["usual"].to_numpy(float)


def baskets(days: pd.DataFrame) -> pd.DataFrame:
    """Return the purchase days with the number of the customer's basket (0 the oldest) and how many it has."""
    orders = days[["customer_number", "days_ago"]].drop_duplicates()
    orders = orders.sort_values(["customer_number", "days_ago"], ascending=[True, False])
    orders["basket"] = orders.groupby("customer_number").cumcount()
    orders["baskets"] = orders.groupby("customer_number")["basket"].transform("size")
    return days.merge(orders, on=["customer_number", "days_ago"])


def matrix_of(rows: pd.DataFrame, weights: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Return the weights of purchase days, added up by customer and product."""
    places = rows["customer_number"].to_numpy() - 1, rows["product_number"].to_numpy() - 1
    return sparse.csr_matrix((weights, places), shape)


def shape_of(days: pd.DataFrame) -> tuple[int, int]:
    """Return the highest customer and product; numbers run from 1."""
    return int(days["customer_number"].max()), int(days["product_number"].max())


def group_weights(basket: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return what a basket adds to its customer's vector: decayed within and with its group, and averaged twice.

    basket: its number, 0 the oldest; count: baskets of the customer. They are put into GROUPS groups as equal as can
    be, the larger ones last; a customer with fewer has a group for each.
    """
    groups = np.minimum(count, GROUPS)
    size, larger = count // groups, count % groups
    smaller = (groups - larger) * size
    is_smaller = basket < smaller
    group = np.where(is_smaller, basket // size, groups - larger + (basket - smaller) // (size + 1))
    place = np.where(is_smaller, basket % size, (basket - smaller) % (size + 1))
    size = np.where(is_smaller, size, size + 1)
    return BETWEEN ** (groups - 1 - group) * WITHIN ** (size - 1 - place) / (size * groups)


def tifu_knn(pairs: pd.DataFrame, days: pd.DataFrame) -> np.ndarray:
    """Score each pair by the customer's decayed baskets and, less, by those of its nearest neighbors."""
    rows = baskets(days)
    vectors = matrix_of(rows, group_weights(rows["basket"].to_numpy(), rows["baskets"].to_numpy()), shape_of(days))
    lengths = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    has_vector = np.flatnonzero(lengths)
    others, count = vectors[has_vector], min(NEIGHBORS, len(has_vector) - 1)

    def near(block: np.ndarray) -> sparse.csr_matrix:
        distances = lengths[has_vector] - 2 * (vectors[block] @ others.T).toarray()
        distances[np.arange(len(block)), np.searchsorted(has_vector, block)] = np.inf
        nearest = np.argsort(np.round(distances, 9), axis=1, kind="stable")[:, :count]
        places = np.repeat(np.arange(len(block)), count), nearest.ravel()
        return sparse.csr_matrix((np.full(nearest.size, 1 / max(count, 1)), places), (len(block), len(has_vector)))

    return OWN * own_values(pairs, vectors) + (1 - OWN) * of_others(pairs, near, others)


def up_cf(pairs: pd.DataFrame, days: pd.DataFrame) -> np.ndarray:
    """Score each pair by how often customers alike, itself included, had the product in their recent baskets."""
    rows = baskets(days)
    rows = rows[rows["basket"] >= rows["baskets"] - RECENT]
    shape = shape_of(days)
    recent = matrix_of(rows, 1 / np.minimum(rows["baskets"].to_numpy(), RECENT), shape)
    owned = matrix_of(days, np.ones(len(days)), shape).sign()
    counts = np.maximum(np.asarray(owned.sum(axis=1)).ravel(), 1)

    def alike(block: np.ndarray) -> sparse.csr_matrix:
        shared = (owned[block] @ owned.T).tocoo()
        cosine = shared.data / (counts[block][shared.row] ** ASYMMETRY * counts[shared.col] ** (1 - ASYMMETRY))
        return sparse.csr_matrix((cosine**LOCALITY, (shared.row, shared.col)), shared.shape)

    return of_others(pairs, alike, recent)


def own_values(pairs: pd.DataFrame, matrix: sparse.csr_matrix) -> np.ndarray:
    """Return the entries of a matrix of customers and products at these pairs."""
    places = pairs["customer_number"].to_numpy() - 1, pairs["product_number"].to_numpy() - 1
    return np.asarray(matrix[places]).ravel()


def of_others(pairs: pd.DataFrame, weights, values: sparse.csr_matrix) -> np.ndarray:
    """For each pair the values of other customers at its product, added up with the weights of its customer.

    weights: customers of a block -> their weights of the rows of `values`. Only customers who bought again are asked.
    """
    asked = np.unique(pairs.loc[pairs["is_bought"], "customer_number"].to_numpy()) - 1
    found, customers = np.zeros(len(pairs)), pairs["customer_number"].to_numpy() - 1
    for block in np.array_split(asked, math.ceil(len(asked) * values.shape[0] / BLOCK)):
        here = np.flatnonzero(np.isin(customers, block))
        scores = (weights(block) @ values).tocsr()
        row = np.searchsorted(block, customers[here])
        found[here] = np.asarray(scores[row, pairs["product_number"].to_numpy()[here] - 1]).ravel()
    return found


def compared(pairs: pd.DataFrame, scores: dict[str, np.ndarray]) -> list[dict]:
    """Return a row per method and measure: mean over the customers who bought something again, and the paired
    difference to the chances, both with 95 % intervals."""
    by_method = {method: customer_measures(pairs, score) for method, score in scores.items()}
    rows = []
    for method, values in by_method.items():
        for measure in MEASURES:
            value, difference = values[measure], values[measure] - by_method[CHANCE][measure]
            row = {"method": method, "measure": f"reorder_{measure}", "customers": len(value)}
            for name, column in (("value", value), ("difference_to_chance", difference)):
                margin = 1.96 * column.std(ddof=1) / math.sqrt(len(column))
                row |= {
                    name: column.mean(),
                    f"{name}_low": column.mean() - margin,
                    f"{name}_high": column.mean() + margin,
                }
            rows.append(row)
    return rows


def customer_measures(pairs: pd.DataFrame, score: np.ndarray) -> pd.DataFrame:
    """Return NDCG, hit rate and recall of each customer's first positions; in a tie smaller product numbers first."""
    ranked = pairs[["customer_number", "product_number", "is_bought"]].assign(score=-np.round(score, 12))
    ranked = ranked.sort_values(["customer_number", "score", "product_number"])
    ranked["place"] = ranked.groupby("customer_number").cumcount()
    bought = ranked.groupby("customer_number")["is_bought"].sum()
    bought = bought[bought > 0]
    hits = ranked[ranked["is_bought"] & (ranked["place"] < PLACES)]
    gains = (1 / np.log2(hits["place"] + 2)).groupby(hits["customer_number"]).sum().reindex(bought.index).fillna(0)
    count = hits.groupby("customer_number").size().reindex(bought.index).fillna(0)
    ideal = np.cumsum(1 / np.log2(np.arange(PLACES) + 2))[bought.clip(upper=PLACES).to_numpy(int) - 1]
    return pd.DataFrame({"ndcg": gains / ideal, "hit_rate": (count > 0).astype(float), "recall": count / bought})


def forecasts(customers: pd.DataFrame) -> list[dict]:
    """Return a row per forecast of what the customers' own products bring in four weeks, and measure: its bias (said /
    brought), its error (sum of absolute errors / brought), and the share of it all that the fifth of the customers
    brought of whom most was said."""
    brought, rows = customers["value"], []
    if not brought.sum():
        return rows
    for name in ("expected_value", "usual_value"):
        said = customers[name].astype(float)
        first = said.sort_values(ascending=False, kind="stable").index[: math.ceil(len(said) / 5)]
        found = {
            "bias": said.sum() / brought.sum(),
            "error": (said - brought).abs().sum() / brought.sum(),
            "top_fifth": brought[first].sum() / brought.sum(),
        }
        rows += [
            {"method": name, "measure": f"forecast_{measure}", "customers": len(said), "value": value}
            for measure, value in found.items()
        ]
    return rows
