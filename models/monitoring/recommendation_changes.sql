with

    list_changes as (select * from {{ ref("list_changes") }}),

    published_run as (
        select run_id, changed_data, changed_version, coalesce(changed_parameters, '') as changed_parameters
        from {{ source("published", "published_run") }}
    ),

    customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    products as (
        select product_id, product_number, is_offered, is_in_stock, may_be_shown from {{ ref("product_numbers") }}
    ),

    products_then as (select product_id, is_in_stock from {{ source("published", "published_products") }}),

    excluded as (select customer_number, product_number from {{ ref("closed_pairs") }} where why = 'excluded'),

    -- What recency counts from: the purchase that leads to a product or, of no product, the last one of anything.
    {% for basket, table in [
        ("basket", ref("market_basket")),
        ("basket_then", source("published", "published_basket")),
    ] %}
        {{ basket }} as (
            select customer_id, product_id, last_purchase_date
            from {{ table }}
            union all
            select customer_id, null as product_id, max(last_purchase_date) as last_purchase_date
            from {{ table }}
            group by customer_id
        ),
    {% endfor %}

    ratings as (select customer_id, product_id, rating, rating_multiplier from {{ ref("current_ratings") }}),

    ratings_then as (
        select customer_id, product_id, rating, rating_multiplier from {{ source("published", "published_ratings") }}
    ),

    dropped as (
        select customer_id, recommended_product
        from {{ ref("recommendation_candidates") }}
        where is_dropped and is_target_only is not true
    ),

    facts as (
        select
            list_changes.*,
            published_run.run_id as previous_run_id,
            published_run.changed_data,
            contains(published_run.changed_parameters, 'holdout_') as is_drawn_anew,
            published_run.changed_parameters <> '' or published_run.changed_version is not null as is_made_anew,
            customers.customer_id is not null as is_a_customer,
            {{ is_held_out("list_changes.customer_id") }} as is_held_out,
            owned.product_id is not null as is_owned,
            owned_then.product_id is not null as was_owned,
            coalesce(products.may_be_shown, false) and excluded.customer_number is null as may_be_shown,
            products.is_offered
            and not products.is_in_stock
            and excluded.customer_number is null as is_only_out_of_stock,
            not products_then.is_in_stock as was_out_of_stock,
            led_to_it.product_id is not null as what_led_to_it_is_owned,
            leads_to_it.last_purchase_date as counted_date,
            led_to_it_then.last_purchase_date as counted_date_then,
            ratings.rating is distinct from ratings_then.rating as is_rated_anew,
            coalesce(ratings.rating_multiplier, 1)
            - coalesce(ratings_then.rating_multiplier, 1) as multiplier_difference,
            dropped.customer_id is not null as is_dropped
        from list_changes
        cross join published_run
        left join customers using (customer_id)
        left join products on list_changes.recommended_product = products.product_id
        left join products_then on list_changes.recommended_product = products_then.product_id
        left join excluded using (customer_number, product_number)
        left join dropped using (customer_id, recommended_product)
        {% for relation, table, product in [
                ("owned", "basket", "recommended_product"),
                ("owned_then", "basket_then", "recommended_product"),
                ("leads_to_it", "basket", "triggered_by"),
                ("led_to_it_then", "basket_then", "triggered_by"),
                ("led_to_it", "basket", "previous_triggered_by"),
                ("ratings", "ratings", "recommended_product"),
                ("ratings_then", "ratings_then", "recommended_product"),
            ] %}
            left join
                {{ table }} as {{ relation }}
                on list_changes.customer_id = {{ relation }}.customer_id
                and list_changes.{{ product }} is not distinct from {{ relation }}.product_id
        {% endfor %}
    )

select
    customer_id,
    recommended_product,
    product_name,
    change,
    -- The first that is so, from what the customer did to what merely shifts around it. A reason that nothing proves is
    -- not given, however likely it is.
    case
        when not is_a_customer
        then 'the customer is no longer in the data'
        when change = 'gone' and is_held_out
        then 'the settings or the version changed'
        when change = 'gone' and is_owned
        then 'the customer bought it'
        when change = 'gone' and is_only_out_of_stock
        then 'it is out of stock'
        when change = 'gone' and not may_be_shown
        then 'it is excluded or no longer offered'
        when had_no_list and not is_drawn_anew
        then 'the customer is new'
        when looks_back or had_no_list
        then 'the settings or the version changed'
        when change = 'new' and was_out_of_stock
        then 'it is in stock again'
        when (coalesce(source, '') = 'pinned') <> (coalesce(previous_source, '') = 'pinned')
        then 'an override pins it, or no longer does'
        when was_passed_by and rank > previous_rank
        then 'other products are ahead of it'
        when was_passed_by
        then 'it is ahead of other products'
        when
            change = 'new'
            and was_owned
            or falls
            and previous_triggered_by is not null
            and not what_led_to_it_is_owned
            or has_another_path
            and lost_its_basket
        then 'a purchase was returned or is no longer in the data'
        when
            rises
            and (triggered_by is not null or recency_difference > 0)
            and (counted_date > counted_date_then or counted_date_then is null and counted_date is not null)
            or has_another_path
            and has_first_basket
        then 'a new purchase counts for it'
        when
            is_rated_anew
            and (rises and multiplier_difference > 0 or falls and multiplier_difference < 0)
            or change = 'gone'
            and is_dropped
        then 'it was rated, or its rating ended'
        when has_moved and (has_another_path or shares_difference <> 0)
        then 'the customer moved to another cluster'
        when is_made_anew and (has_another_path or shares_difference <> 0 or multiplier_difference <> 0)
        then 'the settings or the version changed'
        when change = 'gone'
        then 'other products are ahead of it'
        when change = 'new'
        then 'it is ahead of other products'
        when has_another_path
        then 'another product or group leads to it'
        when source = 'learned'
        then 'its score is calculated differently'
        when rises and shares_difference > 0 or falls and shares_difference < 0
        then 'more or fewer similar customers buy it'
        when falls and (counted_date is null or counted_date < counted_date_then)
        then 'a purchase was returned or is no longer in the data'
        when falls and recency_difference < 0
        then 'time passed since the last purchase'
        else 'its score is calculated differently'
    end as why,
    rank,
    previous_rank,
    score,
    previous_score,
    score_difference,
    triggered_by,
    previous_triggered_by,
    rating,
    previous_rating,
    '{{ invocation_id }}' as run_id,
    previous_run_id
from facts
-- Lists of other data, such as the demo's, are not what these were before.
where changed_data is null
