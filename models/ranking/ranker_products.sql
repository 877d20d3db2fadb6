with products as (select * from {{ ref("product_numbers") }})

select
    product_number,
    category_number as l2_number,
    dense_rank() over (order by l2_category, l3_category) as l3_number,
    {{ may_be_shown("products") }} as may_be_shown
from products
