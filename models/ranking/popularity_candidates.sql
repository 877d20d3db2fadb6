-- Popular products: what can fill the positions that ranked candidates may leave empty, on the highest step that has
-- it; and what an override pins, with the counts of the nearest group that bought it.
{%- set positions = var("recommendations_per_customer") %}

with

    customers as (select customer_number from {{ ref("customer_numbers") }}),

    market_basket as (select customer_number, days_since_last_purchase from {{ ref("market_basket") }}),

    closed_pairs as (select customer_number, product_number from {{ ref("closed_pairs") }}),

    ratings as (select customer_number, product_number from {{ ref("current_ratings") }}),

    comparison_groups as (select customer_number, group_number from {{ ref("comparison_groups") }}),

    popularity as (select * from {{ ref("popularity") }}),

    rankers as (
        {% for ranker in ranked_candidates() %}
            select '{{ ranker }}' as ranker {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    ranked_candidates as (
        {% for model in ranked_candidates().values() %}
            select ranker, customer_number, product_number
            from {{ ref(model) }}
            where is_target_only is not true {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    baskets as (
        select customer_number, {{ recency("min(days_since_last_purchase)") }} as recency
        from market_basket
        group by customer_number
    ),

    closed_counts as (select customer_number, count(*) as products from closed_pairs group by customer_number),

    rated_counts as (select customer_number, count(*) as products from ratings group by customer_number),

    -- A rated candidate may be dropped, an unrated one never: only these fill a position for certain.
    certain_positions as (
        select ranked_candidates.ranker, ranked_candidates.customer_number, count(*) as products
        from ranked_candidates
        anti join ratings using (customer_number, product_number)
        group by ranked_candidates.ranker, ranked_candidates.customer_number
    ),

    -- How far down a list the last product that can be shown may stand: before it come at most the owned and excluded,
    -- the rated (taken in full below), those that are ranked or shown by a higher step already, and the shown ones
    -- themselves.
    customers_to_fill as (
        select
            rankers.ranker,
            customers.customer_number,
            coalesce(closed_counts.products, 0) + coalesce(rated_counts.products, 0) + 3 * {{ positions }} as reach
        from customers
        cross join rankers
        left join closed_counts using (customer_number)
        left join rated_counts using (customer_number)
        left join certain_positions using (ranker, customer_number)
        where coalesce(certain_positions.products, 0) < {{ positions }}
    ),

    matches as (
        select
            customers_to_fill.ranker,
            customers_to_fill.customer_number,
            cast(null as bigint) as pin_position,
            popularity.*
        from customers_to_fill
        inner join comparison_groups using (customer_number)
        inner join popularity using (group_number)
        left join ratings using (customer_number, product_number)
        anti join closed_pairs using (customer_number, product_number)
        -- What is ranked is no popular product any more, even when its rating drops it.
        anti join ranked_candidates using (ranker, customer_number, product_number)
        where
            (
                popularity.position <= customers_to_fill.reach
                and popularity.position_in_aisle <= customers_to_fill.reach + {{ positions_in_aisle() }}
            )
            or ratings.product_number is not null
        union all
        select
            '{{ ranked_candidates() | first }}' as ranker,
            pinned_pairs.customer_number,
            pinned_pairs.pin_position,
            popularity.*
        from {{ ref("overridden_pairs") }} as pinned_pairs
        inner join comparison_groups using (customer_number)
        inner join popularity using (group_number, product_number)
        where pinned_pairs.pin_position is not null
    ),

    nearest as (
        select
            *,
            row_number() over (
                partition by ranker, customer_number, product_number, pin_position order by group_step
            ) as number
        from matches
    )

select
    nearest.ranker,
    nearest.customer_number,
    nearest.product_number,
    cast(null as integer) as trigger_number,
    case when nearest.pin_position is null then nearest.group_step else -1 end as group_step,
    nearest.pin_position,
    nearest.buyers as supporting_customers,
    nearest.group_customers as base_customers,
    {{ score("nearest.share", "nearest.share", "coalesce(baskets.recency, 0)") }} as score,
    nearest.share as support,
    nearest.share as confidence,
    coalesce(baskets.recency, 0) as recency,
    'popular' as evidence,
    {{ group_of_step("nearest.group_step") }} as compared_with,
    cast(null as double) as purchase_chance,
    false as is_target_only
from nearest
left join baskets using (customer_number)
where nearest.number = 1
