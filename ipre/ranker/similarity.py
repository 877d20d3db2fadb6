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

NEIGHBOURS = 200
SHRINKAGE = 5.0
# Processors add in different orders; beyond these decimals nothing may depend on it.
WEIGHT_DECIMALS = 7
COLUMNS_AT_ONCE = 512


class Neighbours(NamedTuple):
    """The products A that go best with each product B, best first; unused places have a cosine of 0."""

    product: np.ndarray  # (products, NEIGHBOURS) A, int32; the number of products at an unused place
    cosine: np.ndarray  # (products, NEIGHBOURS), float32
    together: np.ndarray  # (products, NEIGHBOURS): customers who bought both, as `target` counts them, float32

    def matrix(self) -> sparse.csr_matrix:
        """Cosines as (A, B)."""
        count = len(self.product)
        stored = self.cosine > 0
        starts = np.concatenate([[0], np.cumsum(stored.sum(axis=1))])
        return sparse.csc_matrix((self.cosine[stored], self.product[stored], starts), (count, count)).tocsr()


def neighbours(bought: sparse.csr_matrix, target: sparse.csr_matrix) -> Neighbours:
    """Cosines of products: sum over customers of bought A x target B, over sqrt(buyers of A x of B) + SHRINKAGE.

    bought, target: (customers, products); bought holds 1 for every pair, so its columns' sums are the buyers.
    """
    count = bought.shape[1]
    width = min(NEIGHBOURS, count)
    found = Neighbours(
        np.full((count, width), count, np.int32),
        np.zeros((count, width), np.float32),
        np.zeros((count, width), np.float32),
    )
    left, right = bought.T.tocsr(), target.tocsc()
    roots = np.sqrt(np.diff(left.indptr).astype(np.float64))
    for start in range(0, count, COLUMNS_AT_ONCE):
        columns = slice(start, min(start + COLUMNS_AT_ONCE, count))
        together = (left @ right[:, columns]).toarray().T.astype(np.float64)
        cosine = np.round(together / (np.outer(roots[columns], roots) + SHRINKAGE), WEIGHT_DECIMALS)
        cosine[np.arange(len(cosine)), np.arange(columns.start, columns.stop)] = 0
        row, column, rank = largest(cosine, width)
        found.product[start + row, rank] = column
        found.cosine[start + row, rank] = cosine[row, column]
        found.together[start + row, rank] = together[row, column]
    return found


def largest(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The `count` largest scores above 0 of every row, as (row, column, rank 0, 1, 2 ...), the best first.

    scores: (rows, columns), no NaN. The earlier column goes first on a tie.
    """
    rows, width = scores.shape
    # Columns are dealt out to groups: as many groups as places have a largest score of at least `bound`, so that many
    # scores have. Few others reach it, and only these have to be sorted.
    groups = max(1, min(width, 16 * count))
    tops = scores[:, :groups].copy()
    for start in range(groups, width, groups):
        dealt = scores[:, start : start + groups]
        np.maximum(tops[:, : dealt.shape[1]], dealt, out=tops[:, : dealt.shape[1]])
    bound = np.full((rows, 1), np.nextafter(scores.dtype.type(0), scores.dtype.type(1)))
    if count < groups:
        bound = np.maximum(bound, np.partition(tops, groups - count, axis=1)[:, groups - count, None])
    row, column = np.divmod(np.flatnonzero(scores >= bound), width)
    order = np.lexsort((-scores[row, column], row))
    row, column = row[order], column[order]
    rank = places_in(row)
    kept = rank < count
    return row[kept], column[kept], rank[kept]


def ease(signal: sparse.csr_matrix, penalty: float) -> np.ndarray:
    """EASE's weights (products, products), float32, diagonal 0: row A, column B.

    signal: (customers, products). B = -P / diag(P), P = (G + penalty I)^-1, G = signal' signal, by Cholesky.
    Raises ArithmeticError where G + penalty I has no inverse, which takes a penalty of 0 or numbers that are none.
    """
    gram = (signal.T @ signal).toarray().astype(np.float64)
    if not len(gram):
        return np.zeros((0, 0), np.float32)
    gram[np.diag_indices_from(gram)] += penalty
    factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    inverse, not_inverted = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or not_inverted:
        raise ArithmeticError("EASE: the matrix of products bought together cannot be inverted")
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = -inverse / np.diag(inverse)
    weights[np.diag_indices_from(weights)] = 0
    return np.round(weights, WEIGHT_DECIMALS).astype(np.float32)
