-- How often a customer ordered anything, as it was known on the as-of date and on the earlier dates that chances are
-- learned from. There only every so many customers, so that what is learned from stays small.
{%- set learned_pairs = 1000000 %}

with

    purchase_days as (select * from {{ ref("purchase_days") }}),

    order_days as (select distinct customer_number, days_ago, span from purchase_days),

    -- On an earlier date fewer pairs were known.
    pairs as (select count(*) as pairs from {{ ref("market_basket") }}),

    samples as (
        select
            cast(
                greatest(ceil({{ learned_cut_offs() | length }} * pairs / {{ learned_pairs }}), 1) as integer
            ) as one_in
        from pairs
    ),

    cut_offs as (
        select 0 as cut_off
        {% for cut_off in learned_cut_offs() %}
            union all
            select {{ cut_off }} as cut_off
        {% endfor %}
    ),

    known as (
        select
            cut_offs.cut_off,
            order_days.customer_number,
            order_days.days_ago - {{ call_horizon_days() }} * cut_offs.cut_off as days_before,
            row_number() over (
                partition by cut_offs.cut_off, order_days.customer_number order by order_days.days_ago
            ) as number
        from order_days
        cross join samples
        inner join cut_offs on order_days.span >= cut_offs.cut_off
        where cut_offs.cut_off = 0 or order_days.customer_number % samples.one_in = 0
    )

select
    cut_off,
    customer_number,
    count(*) as order_days,
    min(days_before) as days_since_last_order,
    max(days_before) as days_since_first_order,
    max(days_before) filter (where number <= {{ last_order_days() }}) as days_of_last_orders
from known
group by cut_off, customer_number
