with checked_customers as (select * from {{ ref("checked_customers") }})

select customer_id, customer_name, region, end_use, segment, city, state, account_manager
from checked_customers
where rejection_reason is null
