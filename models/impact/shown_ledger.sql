-- A run for an earlier day than the newest in the ledger looks back: it begins nothing and ends nothing, else what was
-- bought since would count as bought after it was shown. A second build of the newest day goes on with what the first
-- one ended, and counts no day twice.
with

    as_of as (select as_of_date from {{ ref("as_of") }}),

    published_run as (select changed_data from {{ source("published", "published_run") }}),

    -- What was shown of data of another kind is nothing of these.
    published_spells as (
        select published_ledger.*
        from {{ source("published", "published_ledger") }} as published_ledger
        cross join published_run
        where published_run.changed_data is null
    ),

    this_run as (
        select
            as_of.as_of_date,
            coalesce(
                as_of.as_of_date < max(greatest(published_spells.last_shown_on, published_spells.ended_on)), false
            ) as looks_back
        from as_of
        left join published_spells on true
        group by as_of.as_of_date
    ),

    -- A spell can go on that is open, or was ended by another build of the same day.
    spells as (
        select
            published_spells.*,
            case
                when
                    not this_run.looks_back
                    and coalesce(published_spells.ended_on, this_run.as_of_date) = this_run.as_of_date
                then published_spells.customer_id
            end as open_for
        from published_spells
        cross join this_run
    ),

    listed as (
        select lists.*, products.product_id, products.unit_price
        from {{ ref("final_recommendations") }} as lists
        inner join {{ ref("stg_products") }} as products on lists.recommended_product = products.product_id
        cross join this_run
        where not this_run.looks_back
    ),

    customers as (select customer_id, customer_number, is_held_out from {{ ref("customer_numbers") }}),

    offered as (select product_id, product_number from {{ ref("product_numbers") }} where may_be_shown),

    market_basket as (select customer_id, product_id from {{ ref("market_basket") }}),

    excluded as (select customer_number, product_number from {{ ref("closed_pairs") }} where why = 'excluded'),

    dropped as (
        select customer_id, recommended_product
        from {{ ref("recommendation_candidates") }}
        where is_dropped and is_target_only is not true
    ),

    -- What today's lists do not go on with, and the first reason that is so.
    endings as (
        select
            spells.customer_id,
            spells.product_id,
            spells.first_shown_on,
            case
                when customers.customer_id is null
                then 'customer gone'
                when customers.is_held_out
                then 'held out'
                when market_basket.customer_id is not null
                then 'bought'
                when offered.product_id is null
                then 'not offered'
                when excluded.customer_number is not null
                then 'excluded'
                when dropped.customer_id is not null
                then 'rated'
                else 'outranked'
            end as ended_because,
            {{ run_moment() }} as ended_at,
            this_run.as_of_date as ended_on
        from spells
        cross join this_run
        left join customers using (customer_id)
        left join offered using (product_id)
        left join market_basket using (customer_id, product_id)
        left join excluded using (customer_number, product_number)
        left join
            dropped on spells.customer_id = dropped.customer_id and spells.product_id = dropped.recommended_product
        anti join listed using (customer_id, product_id)
        where spells.open_for is not null
    )

-- A spell of the ledger, a position on today's lists, or both.
select
    coalesce(spells.customer_id, listed.customer_id) as customer_id,
    coalesce(spells.product_id, listed.product_id) as product_id,
    coalesce(spells.first_shown_on, this_run.as_of_date) as first_shown_on,
    case when listed.customer_id is null then spells.last_shown_on else this_run.as_of_date end as last_shown_on,
    case when listed.customer_id is null then coalesce(spells.ended_on, endings.ended_on) end as ended_on,
    case
        when listed.customer_id is null then coalesce(spells.ended_because, endings.ended_because)
    end as ended_because,
    coalesce(spells.runs_shown, 0) + case
        when listed.customer_id is null or spells.last_shown_on = this_run.as_of_date then 0 else 1
    end as runs_shown,
    coalesce(spells.first_rank, listed.rank) as first_rank,
    least(spells.best_rank, listed.rank) as best_rank,
    coalesce(listed.rank, spells.last_rank) as last_rank,
    coalesce(spells.first_source, listed.source) as first_source,
    case
        when spells.customer_id is null then listed.triggered_by else spells.first_triggered_by
    end as first_triggered_by,
    coalesce(spells.suggested_quantity, listed.suggested_quantity) as suggested_quantity,
    case when spells.customer_id is null then listed.unit_price else spells.unit_price end as unit_price,
    coalesce(spells.first_score, listed.score) as first_score,
    'shown' as group_name,
    coalesce(spells.first_published_at, {{ run_moment() }}) as first_published_at,
    case when listed.customer_id is null then coalesce(spells.ended_at, endings.ended_at) end as ended_at,
    coalesce(spells.first_run_id, '{{ invocation_id }}') as first_run_id,
    case when listed.customer_id is null then spells.last_run_id else '{{ invocation_id }}' end as last_run_id
from spells
full join listed on spells.open_for = listed.customer_id and spells.product_id = listed.product_id
left join
    endings
    on spells.customer_id = endings.customer_id
    and spells.product_id = endings.product_id
    and spells.first_shown_on = endings.first_shown_on
cross join this_run
