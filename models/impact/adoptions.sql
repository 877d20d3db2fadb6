-- Customers and products that are gone are left out: nobody can say what they would have bought.
with

    as_of as (select as_of_date, ratings_until from {{ ref("as_of") }}),

    shown_ledger as (select * from {{ ref("shown_ledger") }}),

    customers as (select customer_id, customer_number, account_manager from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number from {{ ref("product_numbers") }}),

    purchases as (select * from {{ ref("purchases") }}),

    known_ratings as (select * from {{ ref("known_ratings") }}),

    -- A run for an earlier day does not know what was shown after it.
    spells as (
        select
            shown_ledger.*,
            customers.customer_number,
            customers.account_manager,
            products.product_number,
            shown_ledger.first_shown_on + {{ var("adoption_window_days") }} as last_day,
            shown_ledger.first_shown_on + {{ var("adoption_window_days") }} <= as_of.as_of_date as is_mature,
            row_number() over (
                partition by shown_ledger.customer_id, shown_ledger.product_id order by shown_ledger.first_shown_on
            ) as number
        from shown_ledger
        inner join customers using (customer_id)
        inner join products using (product_id)
        inner join as_of on shown_ledger.first_shown_on <= as_of.as_of_date
    ),

    shown as (select * from spells where number = 1),

    -- Only of pairs that were shown: most of them were never bought.
    bought as (
        select
            purchases.customer_number,
            purchases.product_number,
            purchases.invoice_date,
            purchases.quantity,
            min(case when purchases.quantity > 0 then purchases.invoice_date end) over (
                partition by purchases.customer_number, purchases.product_number
            ) as first_bought_on
        from purchases
        semi join shown using (customer_number, product_number)
    ),

    -- What was bought by the day on which it was shown was returned, and is not new.
    pairs as (
        select
            shown.customer_number,
            shown.product_number,
            shown.last_day,
            max(bought.first_bought_on) as first_bought_on,
            sum(bought.quantity) filter (
                where bought.invoice_date between bought.first_bought_on and shown.last_day
            ) as quantity
        from shown
        left join bought using (customer_number, product_number)
        group by shown.customer_number, shown.product_number, shown.first_shown_on, shown.last_day
        having coalesce(max(bought.first_bought_on) > shown.first_shown_on, true)
    ),

    -- What was said before it was bought, and in time.
    ratings as (
        select
            pairs.customer_number,
            pairs.product_number,
            nullif(min_by(known_ratings.rating, known_ratings.number_from_newest), 'Withdrawn') as rating
        from pairs
        inner join known_ratings using (customer_number, product_number)
        where
            known_ratings.rated_on <= pairs.last_day and coalesce(known_ratings.rated_on < pairs.first_bought_on, true)
        group by pairs.customer_number, pairs.product_number
    ),

    -- A list was seen when its page was opened: any list from the run that began a spell to the one that ended it.
    seen as (
        select shown_ledger.customer_id, shown_ledger.product_id, min(openings.opened_on) as first_seen_on
        from shown_ledger
        inner join {{ ref("stg_list_openings") }} as openings using (customer_id)
        inner join {{ source("run_log", "build_runs") }} as runs on openings.run_id = runs.run_id
        inner join as_of on openings.opened_on <= as_of.ratings_until
        where
            runs.started_at >= shown_ledger.first_published_at
            and coalesce(runs.started_at < shown_ledger.ended_at, true)
            -- Not the lists of a run that looked back.
            and runs.as_of_date >= shown_ledger.first_shown_on
        group by shown_ledger.customer_id, shown_ledger.product_id
    )

select
    shown.customer_id,
    shown.product_id,
    shown.account_manager,
    shown.first_rank,
    shown.first_source,
    ratings.rating,
    shown.is_mature,
    case when pairs.first_bought_on <= shown.last_day then true when shown.is_mature then false end as is_adopted,
    cast(pairs.quantity as double) as quantity,
    {{ value_of("pairs.quantity", "try_cast(shown.unit_price as decimal(18, 6))") }} as amount,
    {{ days_between("shown.first_shown_on", "pairs.first_bought_on") }} as days_to_purchase,
    shown.first_shown_on,
    seen.first_seen_on,
    pairs.first_bought_on,
    shown.first_run_id
from shown
inner join pairs using (customer_number, product_number)
left join ratings using (customer_number, product_number)
left join seen using (customer_id, product_id)
