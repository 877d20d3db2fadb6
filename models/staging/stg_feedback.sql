with checked_feedback as (select * from {{ ref("checked_feedback") }})

select customer_id, product_id, rating, rated_by, comment, row_number, rated_at
from checked_feedback
where rejection_reason is null
