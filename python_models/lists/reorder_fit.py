"""Who buys again: the fit only.

The maths between two SQL models: reorder_columns.sql hands over what was known of every pair on earlier dates, and
whether it was bought in the four weeks that followed; reorder_chances.sql applies what comes back to today's pairs.

The same data give the same weights on every machine: rows are ordered, the fit goes on until nothing moves, and weights
are rounded to what no processor's order of adding touches.
"""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ipre.frames import arrays
from ipre.learning import LogisticRegression

ORDER = ("product_number", "customer_number", "cut_off")
# Below it chances would be those of a few customers; and a history that begins after one of the earlier dates
# (learned_cut_offs of macros/reorders.sql) is too short to tell what is usual.
MIN_REPEATS = 2000
CUT_OFFS = 3
PREFIX = "log_"
DECIMALS = 9


def fit(examples: dict[str, np.ndarray]) -> pd.DataFrame:
    """Learn the chance of a repeat: a logistic regression on columns of mean 0 and deviation 1.

    examples: one entry per pair and earlier date, in any order, as the columns ORDER, is_bought and log_<name>. Gives
    rows of part, name and value. weight: what is added to the log-odds for each unit of a column, and the intercept;
    mean, deviation: of the column; count: examples, repeats among them, and whether they were enough to learn from, 1
    or 0, with which there are counts alone.
    """
    order = np.lexsort([examples[name] for name in ORDER])
    is_bought = examples["is_bought"][order]
    repeats, dates = int(is_bought.sum()), len(np.unique(examples["cut_off"]))
    is_learned = repeats >= MIN_REPEATS and repeats < len(order) and dates == CUT_OFFS
    rows = [("count", "examples", len(order)), ("count", "repeats", repeats), ("count", "learned", int(is_learned))]
    if is_learned:
        names = [name for name in examples if name.startswith(PREFIX)]
        columns = np.empty((len(order), len(names)))
        for place, name in enumerate(names):
            columns[:, place] = examples[name][order]
        means, deviations = columns.mean(axis=0), columns.std(axis=0)
        # A column of one value tells nothing, and its weight is 0.
        scales = np.where(deviations < 10**-DECIMALS, 1, deviations)
        columns -= means
        columns /= scales
        learned = LogisticRegression(solver="newton-cholesky", tol=1e-8, max_iter=1000).fit(columns, is_bought)
        weights = learned.coef_[0] / scales
        rows += [("weight", "intercept", learned.intercept_[0] - weights @ means)]
        for part, values in (("weight", weights), ("mean", means), ("deviation", deviations)):
            rows += [(part, name.removeprefix(PREFIX), value) for name, value in zip(names, values, strict=True)]
    answer = pd.DataFrame(rows, columns=["part", "name", "value"]).astype({"value": "float64"})
    return answer.assign(value=answer["value"].round(DECIMALS))


def model(dbt, session):
    """dbt's entry point: examples in, weights out. One thread, because their number changes the order of adding."""
    examples = dbt.ref("reorder_columns").filter("cut_off > 0")
    names = [*ORDER, "is_bought", *(name for name in examples.columns if name.startswith(PREFIX))]
    with threadpool_limits(limits=1):
        weights = fit(arrays(examples, names))
    return weights
