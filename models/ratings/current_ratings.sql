-- The one place where ratings are cut off: whatever looks at ratings afterwards reads them from here.
with

    feedback as (select * from {{ ref("stg_feedback") }}),

    as_of as (select * from {{ ref("as_of") }}),

    known as (
        select feedback.*
        from feedback
        cross join as_of
        where feedback.rated_at is null or cast(feedback.rated_at as date) <= as_of.ratings_until
    ),

    ordered as (
        select
            *,
            row_number() over (
                partition by customer_id, product_id order by rated_at_utc desc nulls last, row_number desc
            ) as place
        from known
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
    ) as rating_multiplier
from ordered
where place = 1
