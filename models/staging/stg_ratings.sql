-- Ratings of the input and of the store of ratings in one shape.
with

    judged_feedback as (select * from {{ ref("judged_feedback") }}),

    judged_rating_events as (select * from {{ ref("judged_rating_events") }})

select
    customer_id,
    product_id,
    cast(null as string) as event_id,
    rating,
    cast(null as string) as reason_code,
    'feedback' as channel,
    rated_by,
    comment,
    row_number,
    rated_at,
    rated_at_utc,
    cast(rated_at as date) as rated_on
from judged_feedback
where rejection_reason is null
union all
select
    customer_id,
    product_id,
    event_id,
    rating,
    reason_code,
    channel,
    rated_by,
    comment,
    row_number,
    cast(null as timestamp) as rated_at,
    rated_at_utc,
    {{ event_day("rated_at_utc") }} as rated_on
from judged_rating_events
where rejection_reason is null
