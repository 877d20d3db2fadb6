"""What the ranker learned from earlier days. Only with `ranker: learned`; the maths is in ipre/ranker."""

from threadpoolctl import threadpool_limits

from ipre.ranker.tables import day_of, market_of, orders_of
from ipre.ranker.training import train
from ipre.ranker.weights import to_table


def model(dbt, session):
    """dbt's entry point: orders in, weights out. One thread, because their number changes the order of adding."""
    market = market_of(dbt.ref("customer_numbers"), dbt.ref("product_numbers"))
    with threadpool_limits(limits=1):
        ranker = train(orders_of(dbt.ref("purchases")), market, day_of(dbt.ref("as_of")))
    return to_table(ranker)
