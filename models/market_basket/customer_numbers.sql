with customers as (select * from {{ ref("stg_customers") }})

select
    customer_id,
    customer_name,
    account_manager,
    city,
    segment,
    region || ' ' || end_use as segment_words,
    {{ is_held_out("customer_id") }} as is_held_out,
    cast(row_number() over (order by customer_id) as integer) as customer_number,
    cast(dense_rank() over (order by segment) as integer) as segment_number
from customers
