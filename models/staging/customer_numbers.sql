with judged_customers as (select * from {{ ref("judged_customers") }} where counts_for = customer_id)

select
    customer_id,
    customer_name,
    account_manager,
    city,
    state,
    region,
    end_use,
    segment,
    region || ' ' || end_use as segment_words,
    {{ is_held_out("customer_id") }} as is_held_out,
    cast(row_number() over (order by customer_id) as integer) as customer_number,
    cast(dense_rank() over (order by segment) as integer) as segment_number
from judged_customers
