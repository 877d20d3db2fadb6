-- What a chance is learned from, spelled once: reorder_fit learns from these columns, and reorder_chances applies what
-- it learned to them.
with

    pair_histories as (select * from {{ ref("pair_histories") }}),

    order_histories as (select * from {{ ref("order_histories") }}),

    product_histories as (select * from {{ ref("product_histories") }}),

    pairs as (
        select
            pair_histories.*,
            (pair_histories.days_since_first_purchase - pair_histories.days_since_last_purchase)
            / nullif(pair_histories.purchases - 1, 0) as mean_gap,
            order_histories.order_days,
            order_histories.days_since_last_order,
            order_histories.days_since_first_order,
            (order_histories.days_since_first_order - order_histories.days_since_last_order)
            / nullif(order_histories.order_days - 1, 0) as mean_order_gap,
            product_histories.buyers,
            product_histories.repeat_share,
            product_histories.days_since_anybody_bought,
            product_histories.sales_lately,
            product_histories.sales_a_year_ago
        from pair_histories
        inner join
            order_histories
            on pair_histories.cut_off = order_histories.cut_off
            and pair_histories.customer_number = order_histories.customer_number
        inner join
            product_histories
            on pair_histories.cut_off = product_histories.cut_off
            and pair_histories.product_number = product_histories.product_number
    )

select
    cut_off,
    customer_number,
    product_number,
    is_bought,
    purchases,
    on_last_order_days,
    least(order_days, {{ last_order_days() }}) as last_order_days,
    days_since_last_purchase,
    halved_every_180_days,
    cast(quantity as double) / spans as quantity_of_a_span,
    {% for name, amount in reorder_columns().items() %}
        ln(1 + {{ amount }}) as log_{{ name }}{{ "," if not loop.last }}
    {% endfor %}
from pairs
