-- Harm: an account manager opens the list of a customer and finds it short. Before feedback it is full whenever the
-- catalogue has that many products which the customer does not own, and as many of one aisle as may stand in a list;
-- after feedback, dropped products may be missing from it.
{%- set positions = var("recommendations_per_customer") %}
{%- set per_aisle = var("max_per_l3_category") or positions %}

with

    products as (select product_number, aisle_number from {{ ref("product_numbers") }} where may_be_shown),

    aisles as (select aisle_number, count(*) as products from products group by aisle_number),

    catalogue as (select sum(least({{ per_aisle }}, products)) as positions from aisles),

    taken as (
        select closed_pairs.customer_number, products.aisle_number, 1 as closed, 0 as dropped
        from {{ ref("closed_pairs") }} as closed_pairs
        inner join products on closed_pairs.product_number = products.product_number
        union all
        select candidates.customer_number, products.aisle_number, 0 as closed, 1 as dropped
        from {{ ref("recommendation_candidates") }} as candidates
        inner join products on candidates.product_number = products.product_number
        inner join
            {{ ref("current_ratings") }} as ratings
            on candidates.customer_number = ratings.customer_number
            and candidates.product_number = ratings.product_number
        where
            not candidates.is_target_only
            and candidates.pin_position is null
            and candidates.score * ratings.rating_multiplier < {{ var("min_final_score") }}
    ),

    taken_in_aisles as (
        select customer_number, aisle_number, sum(closed) as closed, sum(dropped) as dropped
        from taken
        group by customer_number, aisle_number
    ),

    -- What the taken ones cost: nothing where enough of their aisle are left.
    missing as (
        select
            taken_in_aisles.customer_number,
            sum(
                least({{ per_aisle }}, aisles.products)
                - least({{ per_aisle }}, aisles.products - taken_in_aisles.closed)
            ) as before_feedback,
            sum(
                least({{ per_aisle }}, aisles.products)
                - least({{ per_aisle }}, aisles.products - taken_in_aisles.closed - taken_in_aisles.dropped)
            ) as after_feedback
        from taken_in_aisles
        inner join aisles on taken_in_aisles.aisle_number = aisles.aisle_number
        group by taken_in_aisles.customer_number
    ),

    before_feedback as (select customer_id, count(*) as shown from {{ ref("recommendations") }} group by customer_id),

    after_feedback as (
        select customer_id, count(*) as shown from {{ ref("final_recommendations") }} group by customer_id
    ),

    expected as (
        select
            customers.customer_id,
            least(
                {{ positions }}, coalesce(catalogue.positions, 0) - coalesce(missing.before_feedback, 0)
            ) as before_feedback,
            least(
                {{ positions }}, coalesce(catalogue.positions, 0) - coalesce(missing.after_feedback, 0)
            ) as after_feedback
        from {{ ref("customer_numbers") }} as customers
        cross join catalogue
        left join missing on customers.customer_number = missing.customer_number
        where not customers.is_held_out
    )

select expected.*, before_feedback.shown as shown_before, after_feedback.shown as shown_after
from expected
left join before_feedback on expected.customer_id = before_feedback.customer_id
left join after_feedback on expected.customer_id = after_feedback.customer_id
where
    coalesce(before_feedback.shown, 0) <> expected.before_feedback
    or coalesce(after_feedback.shown, 0) <> expected.after_feedback
