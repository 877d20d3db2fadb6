with judged_rating_events as (select * from {{ ref("judged_rating_events") }})

select
    event_id,
    customer_id,
    product_id,
    rating,
    reason_code,
    channel,
    rated_by,
    comment,
    row_number,
    rated_at_utc,
    {{ event_day("rated_at_utc") }} as rated_on
from judged_rating_events
where rejection_reason is null
