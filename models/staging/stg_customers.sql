with judged_customers as (select * from {{ ref("judged_customers") }})

select customer_id, customer_name, region, end_use, segment, city, state, account_manager
from judged_customers
where counts_for = customer_id
