-- Ratings act before the cut: what is rated can climb in, and where something was dropped the next one moves up.
{%- set scores = ["rated_score", "score"] %}
{%- set order = "ladder_step, pin_place nulls last, " ~ by_score(scores, "candidates.product_number") %}
{%- set per_aisle = var("max_per_l3_category") %}

with

<<<<<<< HEAD
    places as (select * from {{ ref("list_places") }} where list_name = 'final'),

    candidates as (select * from {{ ref("recommendation_candidates") }})
=======
    {% if per_aisle %}
        aisles as (select product_number, aisle_number from {{ ref("product_numbers") }}),

        in_aisles as (
            select
                candidates.*,
                row_number() over (
                    partition by candidates.customer_number, aisles.aisle_number order by {{ order }}
                ) as place_in_aisle
            from {{ ref("recommendation_candidates") }} as candidates
            inner join aisles on candidates.product_number = aisles.product_number
            where not candidates.is_dropped
        ),
>>>>>>> lists

        -- What is pinned stays, whatever its aisle.
        candidates as (select * from in_aisles where place_in_aisle <= {{ per_aisle }} or pin_place is not null),
    {% else %} candidates as (select * from {{ ref("recommendation_candidates") }} where not is_dropped),
    {% endif %}

    in_order as (
        select *, row_number() over (partition by customer_number order by {{ order }}) as place from candidates
    )

-- Pins first, then rules, then the steps of the ladder fill the places; what fills them is ranked by score.
select
<<<<<<< HEAD
    candidates.source,
    candidates.rating,
    candidates.customer_number,
    candidates.product_number,
    candidates.trigger_number,
    places.rank,
    candidates.supporting_customers,
    candidates.base_customers,
    candidates.rated_score as score,
    candidates.score as original_score,
    candidates.rating_multiplier,
    candidates.support,
    candidates.confidence,
    candidates.recency,
    candidates.evidence,
    candidates.purchase_chance
from candidates
inner join
    places
    on candidates.customer_number = places.customer_number
    and candidates.product_number = places.product_number
=======
    customer_number,
    product_number,
    row_number() over (partition by customer_number order by pin_place nulls last, {{ by_score(scores) }}) as rank,
    rated_score as score,
    score as original_score,
    rating,
    rating_multiplier,
    purchase_chance,
    source,
    trigger_number,
    evidence,
    supporting_customers,
    base_customers,
    confidence,
    support,
    recency
from in_order
where place <= {{ var("recommendations_per_customer") }}
>>>>>>> lists
