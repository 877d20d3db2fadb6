with

    known_ratings as (select * from {{ ref("known_ratings") }}),

    -- Behind one whose time is up stands what was known before it.
    ordered as (
        select *, row_number() over (partition by customer_id, product_id order by number_from_newest) as number
        from known_ratings
        where not has_lapsed
    )

select
    customer_id,
    product_id,
    rating,
    cast(
        case
            rating
            when 'High'
            then {{ var("rating_multiplier_high") }}
            when 'Medium'
            then {{ var("rating_multiplier_medium") }}
            when 'Low'
            then {{ var("rating_multiplier_low") }}
        end as double
    ) as rating_multiplier,
    reason_code,
    rated_by,
    channel,
    rated_at_utc,
    counts_until,
    customer_number,
    product_number
from ordered
where number = 1 and rating <> 'Withdrawn'
