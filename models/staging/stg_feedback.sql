with judged_feedback as (select * from {{ ref("judged_feedback") }})

select customer_id, product_id, rating, rated_by, comment, row_number, rated_at, rated_at_utc
from judged_feedback
where rejection_reason is null
