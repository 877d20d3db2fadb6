"""Random numbers that stay the same, whatever numpy's version: uniform streams turned into choices by hand."""

from collections.abc import Sequence

import numpy as np


def habit(salt: int, *keys: np.ndarray | int) -> np.ndarray:
    """Uniform [0, 1) numbers that depend only on the keys (broadcast): the same habit every time.

    Each key is mixed in with the finaliser of SplitMix64; unsigned 64-bit overflow is intended.
    """
    state = np.asarray(salt, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            state = state * np.uint64(0x9E3779B97F4A7C15) + np.asarray(key).astype(np.uint64)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def below(count: np.ndarray | int, uniform: np.ndarray) -> np.ndarray:
    """Return a whole number from 0 up to, not including, ``count`` for every uniform number."""
    return np.floor(uniform * count).astype(np.int64)


def pick(weights: Sequence[float], uniform: np.ndarray) -> np.ndarray:
    """Index drawn with the given weights for every uniform number (inverse distribution function)."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    cumulative /= cumulative[-1]
    return np.minimum(np.searchsorted(cumulative, uniform, side="right"), len(cumulative) - 1)


def shuffled(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the numbers below ``count`` in random order."""
    return np.argsort(rng.random(count), kind="stable")


def apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers proportional to ``weights`` that sum to exactly ``total`` (largest remainders)."""
    exact = weights / weights.sum() * total
    counts = np.floor(exact).astype(np.int64)
    missing = total - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts


def ids(prefix: str, count: int, width: int) -> np.ndarray:
    """``count`` identifiers from 1 as an object array: C00001, C00002 ..."""
    width = max(width, len(str(count)))
    return np.array([f"{prefix}{number:0{width}d}" for number in range(1, count + 1)], dtype=object)
