with

    final_places as (select * from {{ ref("final_places") }}),

    suggested_quantities as (select * from {{ ref("suggested_quantities") }}),

    customers as (select * from {{ ref("stg_customers") }}),

    customer_numbers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    customer_clusters as (select customer_number, cluster_id from {{ ref("customer_clusters") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    products as (select * from {{ ref("listed_products") }}),

    as_of as (select * from {{ ref("as_of") }}),

    last_purchases as (
        select customer_number, max(last_purchase_date) as last_purchase_date
        from market_basket
        group by customer_number
    ),

    described as (
        select
            final_places.*,
            customers.customer_id,
            customers.customer_name,
            customers.account_manager,
            customers.segment,
            customers.region || ' ' || customers.end_use as segment_words,
            customer_clusters.cluster_id,
            products.product_id,
            products.product_name,
            trigger_products.product_id as triggered_by,
            -- Two products of one name (sizes, successors) would read "X → X": then, and only then, with their ids.
            {{ spoken_name("products", "trigger_products") }} as spoken_name,
            {{ spoken_name("trigger_products", "products") }} as trigger_name,
            suggested_quantities.suggested_quantity,
            {{ value_of("suggested_quantities.suggested_quantity", "products.unit_price") }} as suggested_value,
            as_of.as_of_date,
            {{ when_said("triggers.last_purchase_date") }} as trigger_bought,
            {{ when_said("last_purchases.last_purchase_date") }} as last_bought
        from final_places
        inner join customer_numbers on final_places.customer_number = customer_numbers.customer_number
        inner join customers on customer_numbers.customer_id = customers.customer_id
        inner join products on final_places.product_number = products.product_number
        inner join
            suggested_quantities
            on final_places.customer_number = suggested_quantities.customer_number
            and final_places.product_number = suggested_quantities.product_number
        left join customer_clusters on final_places.customer_number = customer_clusters.customer_number
        left join products as trigger_products on final_places.trigger_number = trigger_products.product_number
        left join
            market_basket as triggers
            on final_places.customer_number = triggers.customer_number
            and final_places.trigger_number = triggers.product_number
        left join last_purchases on final_places.customer_number = last_purchases.customer_number
        cross join as_of
    )

select
    customer_id,
    customer_name,
    account_manager,
    cast(rank as integer) as rank,
    product_id as recommended_product,
    product_name,
    suggested_quantity,
    suggested_value,
    {{ reason() }} as reason,
    {{ explanation() }} as explanation,
    rating,
    score,
    original_score,
    rating_multiplier,
    purchase_chance,
    source,
    triggered_by,
    confidence,
    support,
    recency,
    evidence,
    supporting_customers,
    base_customers,
    segment,
    cluster_id,
    as_of_date
from described {{ without_held_out("described") }}
