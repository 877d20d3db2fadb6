with

    list_changes as (select * from {{ ref("list_changes") }}),

    compared_runs as (select * from {{ ref("compared_runs") }}),

    customer_changes as (select * from {{ ref("customer_changes") }}),

    purchase_changes as (select * from {{ ref("purchase_changes") }}),

    rule_changes as (select * from {{ ref("rule_changes") }}),

    sold_products as (select product_id from {{ ref("stg_products") }} where is_active),

    products as (select product_id, is_offered from {{ ref("product_numbers") }}),

    excluded_pairs as ({{ excluded_ids() }}),

    candidates as (select customer_id, recommended_product, score from {{ ref("recommendation_candidates") }}),

    current_ratings as (select customer_id, product_id, rating, rating_multiplier from {{ ref("current_ratings") }}),

    -- Rated last with a reason that counts for a time only, and the time is up.
    lapsed_ratings as (
        select customer_id, product_id, rating
        from {{ ref("known_ratings") }}
        where place_from_newest = 1 and has_lapsed
    ),

    was_held_out as (
        select distinct customer_id from {{ source("published", "published_held_out") }} where ended_on is null
    ),

    published_ratings as (select * from {{ source("published", "published_ratings") }})

select
    list_changes.*,
    compared_runs.previous_run_id,
    compared_runs.previous_as_of_date,
    compared_runs.as_of_date,
    compared_runs.changed_parameters,
    compared_runs.changed_version,
    compared_runs.is_complete,
    customer_changes.customer_id is not null as is_a_customer,
    {{ is_held_out("list_changes.customer_id") if holds_out() else "false" }} as is_held_out,
    was_held_out.customer_id is not null as was_held_out,
    customer_changes.is_new as is_a_new_customer,
    customer_changes.has_first_basket,
    customer_changes.lost_its_basket,
    customer_changes.moved_to_another_segment,
    customer_changes.moved_to_another_cluster,
    customer_changes.had_a_free_place,
    customer_changes.rule_places_difference,
    customer_changes.lowest_score,
    -- What is still sold and is not offered, an override excludes for everybody.
    coalesce(products.is_offered, false) or sold_products.product_id is not null as is_offered,
    {{ is_recommendable("list_changes.recommended_product") }} as may_be_shown,
    excluded_pairs.product_id is not null
    or sold_products.product_id is not null
    and not products.is_offered as is_excluded,
    purchase_changes.is_owned,
    purchase_changes.was_owned,
    purchase_changes.was_returned,
    purchase_changes.trigger_was_owned,
    purchase_changes.previous_trigger_is_owned,
    purchase_changes.previous_trigger_was_returned,
    {{ counted_purchase_date("") }} as counted_purchase_date,
    {{ counted_purchase_date("previous_") }} as counted_purchase_date_then,
    current_ratings.rating as rating_now,
    coalesce(current_ratings.rating_multiplier, 1) as multiplier,
    lapsed_ratings.rating as lapsed_rating,
    published_ratings.rating as rating_then,
    coalesce(published_ratings.rating_multiplier, 1) as previous_multiplier,
    candidates.score * coalesce(current_ratings.rating_multiplier, 1) as own_score,
    rule_changes.previous_rule_holds,
    rule_changes.rule_held_then,
    rule_changes.rule_supporters_difference,
    rule_changes.rule_shares_difference,
    {{ counted_customers("list_changes.source") }} as compared_customers
from list_changes
cross join compared_runs
inner join purchase_changes on {{ of_the_change("purchase_changes", "recommended_product") }}
left join customer_changes on list_changes.customer_id = customer_changes.customer_id
left join rule_changes on {{ of_the_change("rule_changes", "recommended_product") }}
left join was_held_out on list_changes.customer_id = was_held_out.customer_id
left join products on list_changes.recommended_product = products.product_id
left join sold_products on list_changes.recommended_product = sold_products.product_id
left join excluded_pairs on {{ of_the_change("excluded_pairs") }}
left join current_ratings on {{ of_the_change("current_ratings") }}
left join lapsed_ratings on {{ of_the_change("lapsed_ratings") }}
left join published_ratings on {{ of_the_change("published_ratings") }}
left join candidates on {{ of_the_change("candidates", "recommended_product") }}
