with customers as (select customer_id, customer_number from {{ ref("customer_numbers") }})

select customer_id, customer_number
from customers
where {{ is_held_out("customer_id") }}
