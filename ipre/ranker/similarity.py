"""How products go together: item cosines (item-kNN) and EASE.

Item-kNN: Deshpande & Karypis, "Item-based top-N recommendation algorithms" (2004), with a shrunk denominator.
EASE: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019).

Columns of the matrices are products in the order of their buyers, most first: the earlier column wins every tie.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from .history import places_in

# Of each product so many that go best with it, and of these each leads to so many at most: else what everybody buys
# would lead to half of the catalogue.
NEIGHBOURS, REACH = 200, 300
SHRINKAGE = 5.0
# Processors add in different orders; beyond these decimals nothing may depend on it.
WEIGHT_DECIMALS = 7
# More than a cosine in float32 is off by, rounding included.
ROUGHNESS = np.float32(1e-6)
PRODUCTS_AT_ONCE = 128


class Neighbours(NamedTuple):
    """The NEIGHBOURS products A that go best with each product B, but of each A only the REACH best products B.

    Matrices (A, B) with entries in the same cells.
    """

    cosine: sparse.csr_matrix  # float32
    together: sparse.csr_matrix  # customers who bought both, as `target` counts them, float32
    rank: sparse.csr_matrix  # 0 for the A of the largest cosine, 1, 2 ..., int32


def neighbours(bought: sparse.csr_matrix, target: sparse.csr_matrix) -> Neighbours:
    """Cosines of products: sum over customers of bought A x target B, over sqrt(buyers of A x of B) + SHRINKAGE.

    bought, target: (customers, products); bought is 1 for every pair, so its columns' sums are the buyers.
    """
    count = bought.shape[1]
    parts = [np.empty((5, 0))]
    by_product = target.T.tocsr()
    roots = np.sqrt(np.bincount(bought.indices, minlength=count))
    rough_roots = roots.astype(np.float32)
    for start in range(0, count, PRODUCTS_AT_ONCE):
        together = (by_product[start : start + PRODUCTS_AT_ONCE] @ bought).toarray()
        numbers = start + np.arange(len(together))
        together[numbers - start, numbers] = 0
        # Few can be among the best; only of these the cosine to its last decimal.
        rough = together / (np.outer(rough_roots[numbers], rough_roots) + np.float32(SHRINKAGE))
        row, column = reaching(rough, least_of_largest(rough, NEIGHBOURS) - ROUGHNESS)
        both = together[row, column].astype(np.float64)
        cosine = np.round(both / (roots[numbers[row]] * roots[column] + SHRINKAGE), WEIGHT_DECIMALS)
        best, rank = best_of_rows(row, cosine, NEIGHBOURS)
        parts.append(np.stack([numbers[row[best]], column[best], cosine[best], both[best], rank]))
    b, a, cosine, both, rank = np.concatenate(parts, axis=1)
    order = np.argsort(a, kind="stable")
    kept = order[np.sort(best_of_rows(a[order], cosine[order], REACH)[0])]
    places = a[kept].astype(np.int32), b[kept].astype(np.int32)
    values = cosine.astype(np.float32), both.astype(np.float32), rank.astype(np.int32)
    return Neighbours(*(sparse.csr_matrix((value[kept], places), (count, count)) for value in values))


def largest(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the `count` largest scores above 0 of every row, as (row, column, rank 0, 1, 2 ...), the best first.

    scores: (rows, columns), no NaN. The earlier column goes first on a tie.
    """
    row, column = reaching(scores, least_of_largest(scores, count))
    best, rank = best_of_rows(row, scores[row, column], count)
    return row[best], column[best], rank


def reaching(scores: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the scores above 0 that reach the bound (rows, 1) of their row."""
    least = np.nextafter(scores.dtype.type(0), scores.dtype.type(1))
    return np.divmod(np.flatnonzero(scores >= np.maximum(bounds, least)), scores.shape[1])


def best_of_rows(row: np.ndarray, scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which scores are among the `count` largest above 0 of their row, best first, and their ranks 0, 1, 2 ...

    row: ascending. The earlier score goes first on a tie.
    """
    order = np.lexsort((-scores, row))
    order = order[scores[order] > 0]
    rank = places_in(row[order])
    return order[rank < count], rank[rank < count]


def least_of_largest(scores: np.ndarray, count: int) -> np.ndarray:
    """Return what at least `count` scores of each row reach, (rows, 1); 0 where a row has fewer columns."""
    rows, width = scores.shape
    # Columns are dealt out to groups: as many groups as positions have a largest score of at least `bound`, so that
    # many scores have. Few others reach it, and only these have to be sorted.
    groups = max(1, min(width, 4 * count))
    tops = scores[:, :groups].copy()
    for start in range(groups, width, groups):
        dealt = scores[:, start : start + groups]
        np.maximum(tops[:, : dealt.shape[1]], dealt, out=tops[:, : dealt.shape[1]])
    if count >= groups:
        return np.zeros((rows, 1), scores.dtype)
    return np.partition(tops, groups - count, axis=1)[:, groups - count, None]


def ease(signal: sparse.csr_matrix, penalty: float) -> np.ndarray:
    """EASE's weights (products, products), float32, diagonal 0: row A, column B.

    signal: (customers, products). B = -P / diag(P), P = (G + penalty I)^-1, G = signal' signal, by Cholesky.
    Raises ArithmeticError where G + penalty I has no inverse, which takes a penalty of 0 or numbers that are none.
    """
    # Symmetric, so the order of its entries may be LAPACK's.
    gram = (signal.T @ signal).toarray(order="F").astype(np.float64)
    if not len(gram):
        return np.zeros((0, 0), np.float32)
    gram[np.diag_indices_from(gram)] += penalty
    factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    inverse, not_inverted = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or not_inverted:
        raise ArithmeticError("EASE: the matrix of products bought together cannot be inverted. Set ranker: formula")
    for start in range(0, len(inverse), PRODUCTS_AT_ONCE):
        here = slice(start, start + PRODUCTS_AT_ONCE)
        inverse[here, here] = np.tril(inverse[here, here]) + np.tril(inverse[here, here], -1).T
        inverse[here, here.stop :] = inverse[here.stop :, here].T
    weights = inverse.T
    weights /= -np.diag(weights).copy()
    weights[np.diag_indices_from(weights)] = 0
    return np.round(weights, WEIGHT_DECIMALS, out=weights).astype(np.float32)
