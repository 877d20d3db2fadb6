with

    feedback as (select * from {{ ref("stg_feedback") }}),

    as_of as (select * from {{ ref("as_of") }}),

    known as (
        select feedback.*
        from feedback
        cross join as_of
        where feedback.rated_at is null or cast(feedback.rated_at as date) <= as_of.as_of_date
    ),

    newest as (
        select *
        from known
        qualify
            row_number() over (partition by customer_id, product_id order by rated_at desc nulls last, row_number desc)
            = 1
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
from newest
