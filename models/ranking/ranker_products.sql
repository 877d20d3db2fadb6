with products as (select * from {{ ref("product_numbers") }})

select product_number, category_number as l2_number, aisle_number as l3_number, may_be_shown
from products
