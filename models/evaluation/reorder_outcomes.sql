-- What was expected of everything that customers own, and what came in the four weeks after it.
with

    reorder_chances as (select * from {{ ref("reorder_chances") }}),

    later_purchases as (select * from {{ ref("later_purchases") }}),

    products as (select product_number, unit_price from {{ ref("product_numbers") }})

select
    reorder_chances.customer_number,
    reorder_chances.product_number,
    reorder_chances.reorder_chance,
    reorder_chances.expected_value,
    reorder_chances.decayed_purchases,
    reorder_chances.purchases,
    reorder_chances.days_since_last_purchase,
    case when later_purchases.quantity_within_horizon > 0 then 1 else 0 end as is_bought,
    coalesce({{ value_of("later_purchases.quantity_within_horizon", "products.unit_price") }}, 0) as value
from reorder_chances
inner join products on reorder_chances.product_number = products.product_number
left join
    later_purchases
    on reorder_chances.customer_number = later_purchases.customer_number
    and reorder_chances.product_number = later_purchases.product_number
-- Nothing was found where nobody looked.
where {{ call_horizon_days() }} <= {{ var("evaluation_days") }} and exists (select 1 from later_purchases)
