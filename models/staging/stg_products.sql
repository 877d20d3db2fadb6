with judged_products as (select * from {{ ref("judged_products") }})

select
    product_id,
    product_name,
    l2_category,
    l3_category,
    active = 'yes' as is_active,
    unit_price,
    unit_cost,
    stock_on_hand
from judged_products
where rejection_reason is null and successor is null
