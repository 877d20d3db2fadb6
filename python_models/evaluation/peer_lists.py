"""The lists that other recommenders would have made, for the back-test. Nothing later known, nothing computed."""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ipre.frames import arrays
from ipre.ranker.peers import peer_lists
from ipre.ranker.signals import signals
from ipre.ranker.tables import day_of, market_of, orders_of

COLUMNS = ("customer_number", "product_number", "rank")


def model(dbt, session):
    """dbt's entry point: orders in, lists out, of the customers who bought something new later."""
    later_purchases = dbt.ref("later_purchases").filter("is_new")
    later = np.unique(arrays(later_purchases, ["customer_number"])["customer_number"])
    empty = pd.DataFrame({"method": pd.Series(dtype="str"), **{name: pd.Series(dtype="int64") for name in COLUMNS}})
    if not len(later):
        return empty
    market = market_of(dbt.ref("customer_numbers"), dbt.ref("product_numbers"))
    with threadpool_limits(limits=1):
        lists = peer_lists(
            signals(orders_of(dbt.ref("purchases")), day_of(dbt.ref("as_of")), market),
            market,
            np.sort(later.astype(np.int64) - 1),
            int(dbt.config.meta_get("recommendations_per_customer")),
        )
    parts = [
        pd.DataFrame({"method": method, **dict(zip(COLUMNS, (customer + 1, product + 1, rank), strict=True))})
        for method, (customer, product, rank) in lists.items()
    ]
    return pd.concat([empty, *parts], ignore_index=True)
