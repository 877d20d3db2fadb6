with checked_feedback as (select * from {{ ref("checked_feedback") }})

select customer_id, product_id, rating, rated_by, comment, row_number, rated_at, rated_at_utc
from checked_feedback
where rejection_reason is null
