"""What the ranker learned from earlier days. Only with `ranker: learned`; the maths is in ipre/ranker."""

from threadpoolctl import threadpool_limits

from ipre.frames import arrays
from ipre.ranker.tables import market_of, orders_of
from ipre.ranker.training import train
from ipre.ranker.weights import to_table


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
