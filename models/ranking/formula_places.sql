-- The founding formula's lists before ratings, whichever ranker's are shown: what a back-test measures others by.
with

    {% if is_learned() %}
        rule_candidates as (select * from {{ ref("rule_candidates") }}),

        popularity_candidates as (select * from {{ ref("formula_popularity") }}),

        candidates as (
            select
                customer_number,
                product_number,
                0 as ladder_step,
                cast(null as bigint) as pin_place,
                score,
                confidence,
                support
            from rule_candidates
            union all
            select
                popularity_candidates.customer_number,
                popularity_candidates.product_number,
                popularity_candidates.ladder_step,
                cast(null as bigint) as pin_place,
                popularity_candidates.score,
                popularity_candidates.confidence,
                popularity_candidates.support
            from popularity_candidates
            anti join
                rule_candidates
                on popularity_candidates.customer_number = rule_candidates.customer_number
                and popularity_candidates.product_number = rule_candidates.product_number
        ),
    {% else %} candidates as (select * from {{ ref("recommendation_candidates") }} where pin_place is null),
    {% endif %}

    places as ({{ fill_places("candidates", ["score"]) }})

select customer_number, product_number, cast(rank as integer) as rank
from places
