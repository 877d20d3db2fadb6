"""The one function of texts that Spark's SQL lacks."""

import sys
import unicodedata

import pandas as pd
from pyspark import cloudpickle
from pyspark.sql import SparkSession
from pyspark.sql.functions import pandas_udf


def composed(texts: pd.Series) -> pd.Series:
    """Compose the letters and accents of texts (Unicode's normal form C), so that equal ids have equal characters."""
    foreign = texts.notna() & ~texts.astype("object").map(lambda text: text is None or str(text).isascii())
    if not foreign.any():
        return texts
    return texts.where(~foreign, texts[foreign].map(lambda text: unicodedata.normalize("NFC", text)))


def prepare(session: SparkSession) -> None:
    """Add the function nfc_normalize, as DuckDB calls it, to a new session, for any command of dbt."""
    # Workers have Python and pandas, but not this project: the function itself is sent to them.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    session.udf.register("nfc_normalize", pandas_udf(composed, "string"))
