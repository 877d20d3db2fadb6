"""Each customer's best candidates in the order that was learned. Only with `ranker: learned`."""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ipre.frames import arrays, frame_of
from ipre.ranker.places import Limit, best_places
from ipre.ranker.signals import signals
from ipre.ranker.tables import market_of, orders_of, pairs_of
from ipre.ranker.weights import from_table


def model(dbt, session):
    """dbt's entry point: orders, weights and ratings in, candidates out. The weights are those of ranker_weights, as
    readers see them; a rated product stays, however weak, because its rating may lift it."""
    days = arrays(dbt.ref("ranker_days"))
    market = market_of(arrays(dbt.ref("ranker_customers")), arrays(dbt.ref("ranker_products")))
    market = market._replace(
        excluded=pairs_of(arrays(dbt.ref("closed_pairs"), ("customer_number", "product_number")), market.shape)
    )
    ranker = from_table(frame_of(dbt.ref("ranker_weights")))
    rated = arrays(dbt.ref("current_ratings"), ("customer_number", "product_number"))
    rated = (rated["customer_number"].astype(np.int64) - 1) * market.shape[1] + rated["product_number"] - 1
    aisles, per_aisle = arrays(dbt.ref("product_numbers")), int(dbt.config.meta_get("max_per_l3_category"))
    aisle = aisles["aisle_number"][np.argsort(aisles["product_number"])].astype(np.int64) - 1
    orders = orders_of(arrays(dbt.ref("ranker_orders")))
    with threadpool_limits(limits=1):
        places = best_places(
            signals(orders, int(days["as_of_day"][0]), market),
            market,
            ranker,
            np.unique(rated),
            int(dbt.config.meta_get("recommendations_per_customer")),
            Limit(aisle, per_aisle) if per_aisle else None,
        )
    return pd.DataFrame(
        {
            "customer_number": places.customer + 1,
            "product_number": places.product + 1,
            "trigger_number": pd.Series(places.trigger + 1, dtype="Int64").where(places.trigger >= 0),
            "strength": places.strength,
            "purchase_chance": places.chance,
        }
    )
