-- Harm: an account manager opens the list of a customer and finds it short. Before feedback it is full whenever the
-- catalogue
-- has that many products which the customer does not own; after feedback, dropped products may be missing from it.
{%- set places = var("recommendations_per_customer") %}

with

    catalogue as (select count(*) as products from {{ ref("stg_products") }} where {{ may_be_shown("product_id") }}),

    owned as (
        select customer_id, count(*) as products
        from {{ ref("market_basket") }}
        where {{ may_be_shown("product_id") }}
        group by customer_id
    ),

    dropped as (
        select candidates.customer_id, count(*) as products
        from {{ ref("recommendation_candidates") }} as candidates
        inner join
            {{ ref("current_ratings") }} as ratings
            on candidates.customer_id = ratings.customer_id
            and candidates.recommended_product = ratings.product_id
        where candidates.score * ratings.rating_multiplier < {{ var("min_final_score") }}
        group by candidates.customer_id
    ),

    before_feedback as (select customer_id, count(*) as shown from {{ ref("recommendations") }} group by customer_id),

    after_feedback as (
        select customer_id, count(*) as shown from {{ ref("final_recommendations") }} group by customer_id
    ),

    expected as (
        select
            customers.customer_id,
            least({{ places }}, catalogue.products - coalesce(owned.products, 0)) as before_feedback,
            least(
                {{ places }}, catalogue.products - coalesce(owned.products, 0) - coalesce(dropped.products, 0)
            ) as after_feedback
        from {{ ref("stg_customers") }} as customers {{ without_held_out("customers") }}
        cross join catalogue
        left join owned on customers.customer_id = owned.customer_id
        left join dropped on customers.customer_id = dropped.customer_id
    )

select expected.*, before_feedback.shown as shown_before, after_feedback.shown as shown_after
from expected
left join before_feedback on expected.customer_id = before_feedback.customer_id
left join after_feedback on expected.customer_id = after_feedback.customer_id
where
    coalesce(before_feedback.shown, 0) <> expected.before_feedback
    or coalesce(after_feedback.shown, 0) <> expected.after_feedback
