"""Read a table in a Python model, on either engine: its columns as arrays, or an answer for each group.

dbt passes DuckDB relations or Spark DataFrames to a Python model. Nothing else in a Python model depends on the engine.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

# Type of a column -> its name in Spark.
SPARK_TYPES = {"int64": "bigint", "float64": "double"}


def is_spark(table: Any) -> bool:
    """Whether dbt.ref() returned a Spark DataFrame."""
    return hasattr(table, "sparkSession")


def arrays(table: Any, names: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Return columns of a table as arrays, one value a row; a column with nulls as a masked array.

    table: what dbt.ref() returned. names: the columns, all when empty.
    """
    if is_spark(table):
        frame = (table.select(*names) if names else table).toPandas()
        return {name: array_of(column) for name, column in frame.items()}
    return (table.project(", ".join(names)) if names else table).fetchnumpy()


def frame_of(table: Any) -> pd.DataFrame:
    """Return a table as a pandas DataFrame."""
    return table.toPandas() if is_spark(table) else table.df()


def array_of(column: pd.Series) -> np.ndarray:
    """Return a column of pandas as an array, masked where it is null."""
    unknown = column.isna().to_numpy()
    values = column.to_numpy()
    return np.ma.masked_array(values, mask=unknown) if unknown.any() else values


def answer_for_each_group(
    table: Any, names: Sequence[str], answer: Callable[[dict[str, np.ndarray]], pd.DataFrame], types: dict[str, str]
) -> Any:
    """Return the rows that `answer` returns for a table whose groups, by its first column, are independent.

    On DuckDB it is called once, with all groups; on Spark each group is one call, on the worker that has it.
    names: columns; answer: arrays of them -> rows; types: column of the rows -> int64 or float64.
    """
    if not is_spark(table):
        return answer(arrays(table, names))
    from pyspark import cloudpickle

    # Workers have Python and its libraries, but not this project: the code itself is sent to them.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    schema = ", ".join(f"{name} {SPARK_TYPES[kind]}" for name, kind in types.items())
    return (
        table.select(*names)
        .groupBy(names[0])
        .applyInPandas(lambda group: answer({name: group[name].to_numpy() for name in names}), schema)
    )
