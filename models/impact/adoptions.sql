with

    shown_pairs as (select * from {{ ref("shown_pairs") }}),

    watched_purchases as (select * from {{ ref("watched_purchases") }}),

    customers as (select customer_id, account_manager from {{ ref("stg_customers") }}),

    -- What was said before it was bought, and in time.
    ratings as (
        select
            shown_pairs.customer_id,
            shown_pairs.product_id,
            nullif(known_ratings.rating, 'Withdrawn') as rating,
            row_number() over (
                partition by shown_pairs.customer_id, shown_pairs.product_id order by known_ratings.place_from_newest
            ) as place
        from shown_pairs
        inner join
            {{ ref("known_ratings") }} as known_ratings
            on shown_pairs.customer_number = known_ratings.customer_number
            and shown_pairs.product_number = known_ratings.product_number
        where
            known_ratings.rated_on <= shown_pairs.last_day
            and coalesce(known_ratings.rated_on < shown_pairs.first_bought_on, true)
    ),

    -- A list was seen when its page was opened: any list from the run that began a spell to the one that ended it.
    seen as (
        select spells.customer_id, spells.product_id, min(openings.opened_on) as first_seen_on
        from {{ ref("shown_ledger") }} as spells
        inner join {{ ref("stg_list_openings") }} as openings on spells.customer_id = openings.customer_id
        inner join {{ source("run_log", "build_runs") }} as runs on openings.run_id = runs.run_id
        inner join {{ ref("as_of") }} as as_of on openings.opened_on <= as_of.ratings_until
        where
            runs.started_at >= spells.first_published_at
            and coalesce(runs.started_at < spells.ended_at, true)
            -- Not the lists of a run that looked back.
            and runs.as_of_date >= spells.first_shown_on
        group by spells.customer_id, spells.product_id
    ),

    quantities as (
        select shown_pairs.customer_id, shown_pairs.product_id, sum(watched_purchases.quantity) as quantity
        from shown_pairs
        inner join
            watched_purchases
            on shown_pairs.customer_number = watched_purchases.customer_number
            and shown_pairs.product_number = watched_purchases.product_number
            and shown_pairs.first_bought_on <= watched_purchases.invoice_date
            and shown_pairs.last_day >= watched_purchases.invoice_date
        where shown_pairs.first_bought_on <= shown_pairs.last_day
        group by shown_pairs.customer_id, shown_pairs.product_id
    )

select
    shown_pairs.customer_id,
    shown_pairs.product_id,
    shown_pairs.first_run_id,
    shown_pairs.first_source,
    ratings.rating,
    customers.account_manager,
    shown_pairs.is_mature,
    case
        when shown_pairs.first_bought_on <= shown_pairs.last_day then true when shown_pairs.is_mature then false
    end as is_adopted,
    shown_pairs.first_rank,
    {{ days_between("shown_pairs.first_shown_on", "shown_pairs.first_bought_on") }} as days_to_purchase,
    cast(quantities.quantity as double) as quantity,
    {{ value_of("quantities.quantity", "try_cast(shown_pairs.unit_price as decimal(18, 6))") }} as amount,
    shown_pairs.first_shown_on,
    seen.first_seen_on,
    shown_pairs.first_bought_on
from shown_pairs
inner join customers on shown_pairs.customer_id = customers.customer_id
left join
    ratings
    on shown_pairs.customer_id = ratings.customer_id
    and shown_pairs.product_id = ratings.product_id
    and ratings.place = 1
left join seen on shown_pairs.customer_id = seen.customer_id and shown_pairs.product_id = seen.product_id
left join
    quantities on shown_pairs.customer_id = quantities.customer_id and shown_pairs.product_id = quantities.product_id
