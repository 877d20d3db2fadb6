-- How a customer bought a product, as it was known on the as-of date and on the earlier dates that chances are learned
-- from; of those also whether it was bought in the span that followed.
with

    purchase_days as (select * from {{ ref("purchase_days") }}),

    order_histories as (select * from {{ ref("order_histories") }}),

    days as (
        select
            order_histories.cut_off,
            order_histories.days_of_last_orders,
            purchase_days.customer_number,
            purchase_days.product_number,
            purchase_days.quantity,
            purchase_days.span - order_histories.cut_off as span,
            purchase_days.days_ago - {{ call_horizon_days() }} * order_histories.cut_off as days_before
        from purchase_days
        inner join
            order_histories
            on purchase_days.customer_number = order_histories.customer_number
            and purchase_days.span >= order_histories.cut_off - 1
    ),

    pairs as (
        select
            cut_off,
            customer_number,
            product_number,
            max(case when span < 0 then 1 else 0 end) as is_bought,
            count(*) filter (where span >= 0) as purchases,
            count(*) filter (where days_before between 0 and days_of_last_orders) as on_last_order_days,
            min(days_before) filter (where span >= 0) as days_since_last_purchase,
            max(days_before) as days_since_first_purchase,
            {% for days in [56, 180] %}
                -- Decimals, because a sum of floats depends on the order of adding.
                sum(cast(pow(0.5, cast(days_before as double) / {{ days }}) as decimal(18, 9))) filter (
                    where span >= 0
                ) as halved_every_{{ days }}_days,
            {% endfor %}
            sum(quantity) filter (where span >= 0) as quantity,
            -- One bit for each span in which it was bought: cheaper than counting distinct ones. What is older than
            -- four years is one span.
            bit_count(bit_or(cast(pow(2, least(span, 52)) as bigint)) filter (where span >= 0)) as spans
        from days
        group by cut_off, customer_number, product_number
    )

select *
from pairs
where purchases > 0
