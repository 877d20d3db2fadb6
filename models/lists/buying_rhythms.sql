-- What a customer buys again and again: how often, how much at a time, and when it is due.
-- A usual interval of fewer days is no rhythm: what is bought every other day is never forgotten.
{%- set min_interval_days = 7 %}

with

    market_basket as (select * from {{ ref("market_basket") }}),

    products as (select product_number from {{ ref("product_numbers") }} where may_be_shown),

    excluded_pairs as (select * from {{ ref("closed_pairs") }} where why = 'excluded'),

    purchases as (select * from {{ ref("purchases") }} where quantity_bought > 0),

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

    purchase_days as (
        select
            purchases.customer_number,
            purchases.product_number,
            purchases.invoice_date as purchase_date,
            cast(sum(purchases.quantity_bought) as double) as quantity
        from purchases
        semi join repeated_pairs using (customer_number, product_number)
        group by purchases.customer_number, purchases.product_number, purchases.invoice_date
    ),

    in_order as (
        select
            *,
            lag(purchase_date) over (
                partition by customer_number, product_number order by purchase_date
            ) as previous_purchase_date
        from purchase_days
    ),

    rhythms as (
        select
            customer_number,
            product_number,
            count(*) as purchases,
            min(purchase_date) as first_purchase_date,
            max(purchase_date) as last_purchase_date,
            median({{ days_between("previous_purchase_date", "purchase_date") }}) as usual_interval_days,
            median(quantity) as usual_quantity
        from in_order
        group by customer_number, product_number
        having count(*) >= {{ var("min_reorder_purchases") }}
    ),

    dated as (
        select
            rhythms.*,
            {{ days_between("rhythms.last_purchase_date", "as_of.as_of_date") }} as days_since_last_purchase,
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
    -- Half of a sum may miss a whole number by the last digit of a float.
    cast(ceil(round(usual_quantity, 6)) as bigint) as suggested_quantity,
    first_purchase_date,
    last_purchase_date,
    due_date
from dated
