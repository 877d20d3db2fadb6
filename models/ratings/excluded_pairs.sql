with pairs as (select * from {{ ref("overridden_pairs") }} where is_excluded)

select customer_number, product_number
from pairs
