-- How often a customer orders anything, whether it is late by its own habit, and what it bought in a year.
with

    purchases as (select * from {{ ref("purchases") }}),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    products as (select product_number, unit_price from {{ ref("product_numbers") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    order_days as (
        select
            customer_number,
            invoice_date as order_date,
            lag(invoice_date) over (partition by customer_number order by invoice_date) as previous_order_date
        from purchases
        where quantity > 0
        group by customer_number, invoice_date
    ),

    rhythms as (
        select
            customer_number,
            count(*) as order_days,
            max(order_date) as last_order_date,
            median({{ days_between("previous_order_date", "order_date") }}) as usual_order_interval_days
        from order_days
        group by customer_number
    ),

    -- What was bought and kept, at today's prices: invoices have none.
    lines as (
        select
            purchases.customer_number,
            {{ days_between("purchases.invoice_date", "as_of.as_of_date") }} as days_ago,
            cast(purchases.quantity as decimal(18, 4)) * products.unit_price as turnover
        from purchases
        semi join market_basket using (customer_number, product_number)
        inner join products using (product_number)
        cross join as_of
    ),

    turnovers as (
        select
            customer_number,
            sum(turnover) as turnover,
            sum(turnover) filter (where days_ago < {{ spans_of_a_year() * call_horizon_days() }}) as turnover_of_spans
        from lines
        where days_ago < 365
        group by customer_number
    ),

    dated as (
        select rhythms.*, {{ days_between("rhythms.last_order_date", "as_of.as_of_date") }} as days_since_last_order
        from rhythms
        cross join as_of
    )

select
    dated.customer_number,
    case
        when dated.order_days < 3
        then 'new or rare'
        when dated.days_since_last_order <= 1.5 * dated.usual_order_interval_days
        then 'on schedule'
        when dated.days_since_last_order <= 3 * dated.usual_order_interval_days
        then 'late'
        else 'silent'
    end as order_state,
    dated.order_days,
    dated.usual_order_interval_days,
    dated.days_since_last_order,
    dated.last_order_date,
    coalesce({{ money("turnovers.turnover") }}, 0) as turnover_365_days,
    coalesce({{ money("turnovers.turnover_of_spans / " ~ spans_of_a_year()) }}, 0) as usual_value
from dated
left join turnovers using (customer_number)
