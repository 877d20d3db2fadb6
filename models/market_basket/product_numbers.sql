with products as (select product_id, l2_category, l3_category from {{ ref("stg_products") }})

select
    product_id,
    l2_category,
    l3_category,
    cast(row_number() over (order by product_id) as integer) as product_number,
    cast(dense_rank() over (order by l2_category) as integer) as category_number
from products
