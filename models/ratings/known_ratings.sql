-- The one place where ratings are cut off: whatever looks at ratings afterwards reads them from here.
with

    feedback as (select * from {{ ref("stg_feedback") }}),

    rating_events as (select * from {{ ref("stg_rating_events") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    as_of as (select * from {{ ref("as_of") }}),

    given as (
        select
            customer_id,
            product_id,
            cast(null as string) as event_id,
            rating,
            cast(null as string) as reason_code,
            'feedback' as channel,
            rated_by,
            cast(null as string) as run_id,
            cast(null as string) as source,
            row_number,
            cast(null as integer) as rank,
            cast(null as double) as score,
            rated_at_utc,
            cast(rated_at as date) as rated_on
        from feedback
        union all
        select
            customer_id,
            product_id,
            event_id,
            rating,
            reason_code,
            channel,
            rated_by,
            run_id,
            source,
            row_number,
            rank,
            score,
            rated_at_utc,
            rated_on
        from rating_events
    ),

    known as (
        select
            given.*,
            case
                -- A withdrawal is for good: after it nothing from before counts again.
                when given.reason_code in ({{ texts_in_sql(passing_reasons()) }}) and given.rating <> 'Withdrawn'
                then given.rated_on + {{ var("passing_reason_days") }}
            end as counts_until,
            as_of.ratings_until
        from given
        cross join as_of
        where given.rated_on is null or given.rated_on <= as_of.ratings_until
    )

select
    known.customer_id,
    known.product_id,
    known.event_id,
    known.rating,
    known.reason_code,
    known.channel,
    known.rated_by,
    known.run_id,
    known.source,
    coalesce(known.counts_until < known.ratings_until, false) as has_lapsed,
    customers.customer_number,
    products.product_number,
    -- At one moment an event is newer than a row of feedback, which has no event_id.
    cast(
        row_number() over (
            partition by known.customer_id, known.product_id
            order by known.rated_at_utc desc nulls last, known.event_id desc nulls last, known.row_number desc
        ) as integer
    ) as place_from_newest,
    known.rank,
    known.score,
    known.rated_at_utc,
    known.rated_on,
    known.counts_until
from known
inner join customers on known.customer_id = customers.customer_id
inner join products on known.product_id = products.product_id
