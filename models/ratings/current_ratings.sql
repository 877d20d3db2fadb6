-- The one place where ratings are cut off: whatever looks at ratings afterwards reads them from here.
with

    feedback as (select * from {{ ref("stg_feedback") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

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
    ordered.customer_id,
    ordered.product_id,
    ordered.rating,
    customers.customer_number,
    products.product_number,
    cast(
        case
            ordered.rating
            when 'High'
            then {{ var("rating_multiplier_high") }}
            when 'Medium'
            then {{ var("rating_multiplier_medium") }}
            when 'Low'
            then {{ var("rating_multiplier_low") }}
        end as double
    ) as rating_multiplier
from ordered
inner join customers on ordered.customer_id = customers.customer_id
inner join products on ordered.product_id = products.product_id
where ordered.place = 1
