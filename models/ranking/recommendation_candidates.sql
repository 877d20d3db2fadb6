with

    ratings as (select * from {{ ref("current_ratings") }}),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number, aisle_number from {{ ref("product_numbers") }}),

    ranked_and_popular as (
        select *
        from {{ ref(ranked_candidates().values() | first) }}
        union all
        select *
        from {{ ref("popularity_candidates") }}
        where ranker = '{{ ranked_candidates() | first }}'
        {% if var("targets_per_product") %}
            {% if not is_learned() %}
                union all
                select *
                from {{ ref("rule_targets") }}
            {% endif %}
            union all
            select *
            from {{ ref("popularity_targets") }}
        {% endif %}
    ),

    -- What is pinned stands in its position only. A target that a nearer step leads to is no popular product: that a
    -- list has it further down only says that it cannot take a position there.
    in_order as (
        select
            *,
            row_number() over (
                partition by customer_number, product_number order by group_step, is_target_only
            ) as position_among_steps
        from ranked_and_popular
    ),

    candidates as (select * from in_order where position_among_steps = 1)

select
    customers.customer_id,
    products.product_id as recommended_product,
    triggers.product_id as triggered_by,
    case
        candidates.group_step
        when -1
        then 'pinned'
        when 0
        then case candidates.ranker when 'learned' then 'learned' else 'association' end
        when 1
        then 'cluster_popularity'
        when 2
        then 'segment_popularity'
        when 3
        then 'overall_popularity'
    end as source,
    ratings.rating,
    candidates.customer_number,
    candidates.product_number,
    candidates.trigger_number,
    products.aisle_number,
    candidates.group_step,
    candidates.pin_position,
    candidates.supporting_customers,
    candidates.base_customers,
    candidates.score,
    coalesce(ratings.rating_multiplier, 1) as rating_multiplier,
    candidates.score * coalesce(ratings.rating_multiplier, 1) as rated_score,
    candidates.support,
    candidates.confidence,
    candidates.recency,
    -- Only what somebody rated can be dropped: an unrated candidate with a low score is still the best there is.
    ratings.rating is not null
    and candidates.pin_position is null
    and candidates.score * ratings.rating_multiplier < {{ var("min_final_score") }} as is_dropped,
    coalesce(candidates.is_target_only, false) as is_target_only,
    candidates.evidence,
    candidates.compared_with,
    candidates.purchase_chance
from candidates
inner join customers using (customer_number)
inner join products using (product_number)
left join products as triggers on candidates.trigger_number = triggers.product_number
left join ratings using (customer_number, product_number)
