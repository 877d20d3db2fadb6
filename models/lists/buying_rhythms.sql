-- What a customer buys again and again: how often, and when it is due.
-- Fewer days of purchase, or a shorter usual interval, are no rhythm: what is bought every other day is never
-- forgotten.
{%- set min_purchases, min_interval_days = 3, 7 %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    products as (select product_number from {{ ref("product_numbers") }} where may_be_shown),

    excluded_pairs as (select * from {{ ref("closed_pairs") }} where why = 'excluded'),

    purchase_days as (select * from {{ ref("purchase_days") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    -- A usual interval of so many days needs a first and a last purchase at least that far apart. Most pairs end here.
    repeated_pairs as (
        select market_basket.customer_number, market_basket.product_number
        from market_basket
        semi join products using (product_number)
        anti join excluded_pairs using (customer_number, product_number)
        where
            {{ days_between("market_basket.first_purchase_date", "market_basket.last_purchase_date") }}
            >= {{ min_interval_days }}
    ),

    in_order as (
        select
            purchase_days.*,
            lag(purchase_days.days_ago) over (
                partition by purchase_days.customer_number, purchase_days.product_number
                order by purchase_days.purchase_date
            ) as previous_days_ago
        from purchase_days
        semi join repeated_pairs using (customer_number, product_number)
    ),

    rhythms as (
        select
            customer_number,
            product_number,
            count(*) as purchases,
            cast(min(days_ago) as bigint) as days_since_last_purchase,
            min(purchase_date) as first_purchase_date,
            max(purchase_date) as last_purchase_date,
            median(previous_days_ago - days_ago) as usual_interval_days
        from in_order
        group by customer_number, product_number
        having count(*) >= {{ min_purchases }}
    ),

    dated as (
        select
            rhythms.*,
            rhythms.last_purchase_date + cast(ceil(rhythms.usual_interval_days) as integer) as due_date,
            as_of.as_of_date
        from rhythms
        cross join as_of
        where rhythms.usual_interval_days >= {{ min_interval_days }}
    )

select
    customer_number,
    product_number,
    purchases,
    days_since_last_purchase,
    usual_interval_days,
    days_since_last_purchase / usual_interval_days as interval_ratio,
    {{ days_between("due_date", "as_of_date") }} as days_overdue,
    first_purchase_date,
    last_purchase_date,
    due_date
from dated
