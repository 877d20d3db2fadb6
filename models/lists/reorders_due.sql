with

    rhythms as (select * from {{ ref("buying_rhythms") }}),

    products as (select * from {{ ref("product_numbers") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    due as (
        select
            rhythms.*,
            products.product_id,
            products.product_name,
            {{ value_of("rhythms.suggested_quantity", "products.unit_price") }} as suggested_value
        from rhythms
        inner join products using (product_number)
        where rhythms.interval_ratio between {{ var("reorder_from") }} and {{ var("lost_from") }}
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by customer_number order by suggested_value desc nulls last, days_overdue desc, product_number
            ) as rank
        from due
    )

select
    customers.customer_id,
    customers.customer_name,
    customers.account_manager,
    cast(ranked.rank as integer) as rank,
    ranked.product_id,
    ranked.product_name,
    {{ reorder_sentence("ranked") }} as sentence,
    ranked.suggested_quantity,
    ranked.suggested_value,
    ranked.due_date,
    ranked.days_overdue,
    ranked.last_purchase_date,
    ranked.days_since_last_purchase,
    ranked.usual_interval_days,
    ranked.interval_ratio,
    ranked.purchases
from ranked
inner join customers using (customer_number)
