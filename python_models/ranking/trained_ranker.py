"""What the ranker learned from earlier days. Only with `ranker: learned`; the maths is in plugins/ipre_ranker."""

from ipre_frames import arrays
from ipre_ranker.tables import market_of, orders_of
from ipre_ranker.training import train
from ipre_ranker.weights import to_table
from threadpoolctl import threadpool_limits


def model(dbt, session):
    """dbt's entry point: orders in, weights out. One thread, because their number changes the order of adding."""
    days = arrays(dbt.ref("ranker_days"))
    market = market_of(arrays(dbt.ref("ranker_customers")), arrays(dbt.ref("ranker_products")))
    with threadpool_limits(limits=1):
        ranker = train(
            orders_of(arrays(dbt.ref("ranker_orders"))),
            market,
            day=int(days["as_of_day"][0]),
            horizon=int(dbt.config.meta_get("learning_horizon_days")),
        )
    return to_table(ranker)
