with customers as (select customer_id, segment from {{ ref("stg_customers") }})

select
    customer_id,
    segment,
    cast(row_number() over (order by customer_id) as integer) as customer_number,
    cast(dense_rank() over (order by segment) as integer) as segment_number
from customers
