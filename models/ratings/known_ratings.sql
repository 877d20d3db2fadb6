-- The one model where ratings are cut off: whatever looks at ratings afterwards reads them from here.
with

    ratings as (select * from {{ ref("stg_ratings") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    as_of as (select * from {{ ref("as_of") }}),

    known as (
        select
            ratings.*,
            case
                -- A withdrawal is for good: after it nothing from before counts again.
                when ratings.reason_code in ({{ texts_in_sql(passing_reasons()) }}) and ratings.rating <> 'Withdrawn'
                then ratings.rated_on + {{ var("passing_reason_days") }}
            end as counts_until,
            as_of.ratings_until
        from ratings
        cross join as_of
        where ratings.rated_on is null or ratings.rated_on <= as_of.ratings_until
    )

select
    known.customer_id,
    known.product_id,
    -- At one moment an event is newer than a row of feedback, which has no event_id.
    cast(
        row_number() over (
            partition by customer_id, product_id
            order by rated_at_utc desc nulls last, event_id desc nulls last, row_number desc
        ) as integer
    ) as number_from_newest,
    known.rating,
    known.reason_code,
    known.channel,
    known.rated_by,
    known.rated_at_utc,
    known.rated_on,
    known.counts_until,
    coalesce(known.counts_until < known.ratings_until, false) as has_lapsed,
    known.event_id,
    customers.customer_number,
    products.product_number
from known
inner join customers using (customer_id)
inner join products using (product_id)
