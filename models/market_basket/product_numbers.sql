with products as (select product_id, l2_category, l3_category, is_active from {{ ref("stg_products") }})

select
    product_id,
    l2_category,
    l3_category,
    is_active,
    cast(row_number() over (order by product_id) as integer) as product_number,
    cast(dense_rank() over (order by l2_category) as integer) as category_number,
    cast(dense_rank() over (order by l3_category) as integer) as l3_number
from products
