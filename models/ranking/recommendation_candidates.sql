with

    rule_candidates as (select * from {{ ref("rule_candidates") }}),

    popularity_candidates as (select * from {{ ref("popularity_candidates") }})

select
    customer_id,
    recommended_product,
    triggered_by,
    'association' as source,
    0 as ladder_step,
    supporting_customers,
    base_customers,
    score,
    support,
    confidence,
    recency
from rule_candidates
union all
select
    popularity_candidates.customer_id,
    popularity_candidates.recommended_product,
    cast(null as varchar) as triggered_by,
    case
        popularity_candidates.ladder_step
        when 1
        then 'cluster_popularity'
        when 2
        then 'segment_popularity'
        when 3
        then 'overall_popularity'
    end as source,
    popularity_candidates.ladder_step,
    popularity_candidates.supporting_customers,
    popularity_candidates.base_customers,
    popularity_candidates.score,
    popularity_candidates.support,
    popularity_candidates.confidence,
    popularity_candidates.recency
from popularity_candidates
-- A product that a rule reaches is no popular product any more, even when its rating drops it.
anti join
    rule_candidates
    on popularity_candidates.customer_id = rule_candidates.customer_id
    and popularity_candidates.recommended_product = rule_candidates.recommended_product
