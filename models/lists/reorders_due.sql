-- What a customer is likeliest to buy again. Without chances: what it buys in a rhythm and what is due by it.
{%- set positions = 10 %}
{%- set due_from = 0.8 %}

with

    chances as (select * from {{ ref("reorder_chances") }}),

    rhythms as (select * from {{ ref("buying_rhythms") }}),

    purchase_days as (select * from {{ ref("purchase_days") }}),

    excluded_pairs as (select * from {{ ref("closed_pairs") }} where why = 'excluded'),

    products as (select * from {{ ref("product_numbers") }} where may_be_shown),

    customers as (select * from {{ ref("customer_numbers") }}),

    -- What counts as lost is asked about, not expected, however likely.
    lost as (
        select customers.customer_number, products.product_number
        from {{ ref("lost_products") }}
        inner join customers using (customer_id)
        inner join products using (product_id)
    ),

    as_of as (select as_of_date, said_on from {{ ref("as_of") }}),

    -- In numbers alone, and the unlikely left out first: there are millions of pairs, and few of them are listed.
    possible as (
        select customer_number, product_number, reorder_chance, decayed_purchases, expected_value
        from chances
        where coalesce(reorder_chance, 1) >= {{ var("min_reorder_chance") }}
    ),

    due as (
        select
            possible.customer_number,
            possible.product_number,
            row_number() over (
                partition by possible.customer_number
                order by
                    coalesce(possible.reorder_chance, possible.decayed_purchases) desc,
                    possible.expected_value desc nulls last,
                    possible.product_number
            ) as rank
        from possible
        semi join products using (product_number)
        anti join excluded_pairs using (customer_number, product_number)
        anti join lost using (customer_number, product_number)
        left join rhythms using (customer_number, product_number)
        where possible.reorder_chance is not null or rhythms.interval_ratio between {{ due_from }} and {{ lost_from() }}
    ),

    ranked as (
        select
            chances.*,
            due.rank,
            as_of.as_of_date - cast(chances.days_since_last_purchase as integer) as last_purchase_date,
            rhythms.usual_interval_days,
            rhythms.interval_ratio,
            rhythms.days_overdue,
            rhythms.due_date,
            customers.customer_id,
            customers.customer_name,
            customers.account_manager,
            products.product_id,
            products.product_name,
            products.unit_price,
            products.unit_cost
        from chances
        inner join due using (customer_number, product_number)
        inner join customers using (customer_number)
        inner join products using (product_number)
        left join rhythms using (customer_number, product_number)
        cross join as_of
        where due.rank <= {{ positions }}
    ),

    usual_quantities as (
        select customer_number, product_number, median(cast(purchase_days.quantity as double)) as usual_quantity
        from purchase_days
        semi join ranked using (customer_number, product_number)
        group by customer_number, product_number
    ),

    suggested as (
        -- Half of a sum may miss a whole number by the last digit of a float.
        select ranked.*, cast(ceil(round(usual_quantities.usual_quantity, 6)) as bigint) as suggested_quantity
        from ranked
        inner join usual_quantities using (customer_number, product_number)
    )

select
    suggested.customer_id,
    suggested.customer_name,
    suggested.account_manager,
    cast(suggested.rank as integer) as rank,
    suggested.product_id,
    suggested.product_name,
    {{ likelihood("suggested.reorder_chance") }} as likelihood,
    {{ reorder_sentence("suggested") }} as sentence,
    suggested.suggested_quantity,
    {{ value_of("suggested.suggested_quantity", "suggested.unit_price") }} as suggested_value,
    {{ value_of("suggested.suggested_quantity", "(suggested.unit_price - suggested.unit_cost)") }} as suggested_margin,
    suggested.reorder_chance,
    suggested.expected_value,
    suggested.purchases,
    suggested.last_purchase_date,
    suggested.days_since_last_purchase,
    suggested.usual_interval_days,
    suggested.interval_ratio,
    suggested.due_date,
    suggested.days_overdue
from suggested
cross join as_of
