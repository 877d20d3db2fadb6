"""Each customer's best candidates in the order that was learned. Only with `ranker: learned`."""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ipre.frames import frame_of
from ipre.ranker.places import Limit, best_places
from ipre.ranker.signals import signals
from ipre.ranker.tables import day_of, held_out_of, market_of, orders_of, pairs_of
from ipre.ranker.targets import Targets
from ipre.ranker.weights import from_table


def model(dbt, session):
    """dbt's entry point: orders, weights and ratings in, candidates out. The weights are those of ranker_weights, as
    readers see them; a rated product stays, however weak, because its rating may lift it."""
    market = market_of(dbt.ref("customer_numbers"), dbt.ref("product_numbers"))
    market = market._replace(excluded=pairs_of(dbt.ref("closed_pairs").filter("why = 'excluded'"), market.shape))
    ranker = from_table(frame_of(dbt.ref("ranker_weights")))
    rated = pairs_of(dbt.ref("current_ratings"), market.shape).tocoo()
    per_aisle = int(dbt.config.meta_get("max_per_l3_category"))
    targets = Targets(
        market.shape[1], int(dbt.config.meta_get("targets_per_product")), held_out_of(dbt.ref("customer_numbers"))
    )
    with threadpool_limits(limits=1):
        places = best_places(
            signals(orders_of(dbt.ref("purchases")), day_of(dbt.ref("as_of")), market),
            market,
            ranker,
            np.unique(rated.row.astype(np.int64) * market.shape[1] + rated.col),
            int(dbt.config.meta_get("recommendations_per_customer")),
            Limit(market.categories[1], per_aisle) if per_aisle else None,
            targets if targets.count else None,
        )
    return pd.concat([rows_of(places, is_target_only=False), rows_of(targets.others(), is_target_only=True)])


def rows_of(places, is_target_only):
    """Candidates as rows."""
    return pd.DataFrame(
        {
            "customer_number": places.customer + 1,
            "product_number": places.product + 1,
            "trigger_number": pd.Series(places.trigger + 1, dtype="Int64").where(places.trigger >= 0),
            "strength": places.strength,
            "purchase_chance": places.chance,
            "is_target_only": is_target_only,
        }
    )
