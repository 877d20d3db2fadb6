"""What chances of a repeat were worth, beside other ways to order what a customer owns. The maths only."""

import pandas as pd
from threadpoolctl import threadpool_limits

from ipre.backtest.reorders import measures
from ipre.frames import frame_of
from ipre.ranker.tables import day_of, orders_of


def model(dbt, session):
    """dbt's entry point: what was expected and what came in, measures out."""
    outcomes = frame_of(dbt.ref("reorder_outcomes"))
    orders, as_of = orders_of(dbt.ref("purchases")), day_of(dbt.ref("as_of"))
    days = pd.DataFrame(
        {"customer_number": orders.customer + 1, "product_number": orders.product + 1, "days_ago": as_of - orders.day}
    )
    numbers = frame_of(dbt.ref("customer_numbers"))[["customer_id", "customer_number"]]
    customers = frame_of(dbt.ref("account_brief"))[["customer_id", "expected_value", "usual_value"]]
    with threadpool_limits(limits=1):
        found = measures(outcomes, days.drop_duplicates(), customers.merge(numbers, on="customer_id"))
    return found
