-- The places of lists and targets as people read them.
with

    final_places as (select * from {{ ref("final_places") }}),

    customers as (select * from {{ ref("customer_numbers") }} where not is_held_out),

    customer_clusters as (select customer_number, cluster_id from {{ ref("customer_clusters") }}),

    products as (select * from {{ ref("product_numbers") }}),

    market_basket as (select * from {{ ref("market_basket") }}),

    as_of as (select as_of_date, said_on from {{ ref("as_of") }}),

    last_purchases as (
        select customer_number, max(last_purchase_date) as last_purchase_date
        from market_basket
        group by customer_number
    ),

    described as (
        select
            final_places.*,
            customers.customer_name,
            customers.account_manager,
            customers.segment,
            customers.segment_words,
            customer_clusters.cluster_id,
            products.product_name,
            products.l3_category,
            -- Two products of one name (sizes, successors) would read "X → X": then, and only then, with their ids.
            {{ spoken_name("products", "trigger_products") }} as spoken_name,
            {{ spoken_name("trigger_products", "products") }} as trigger_name,
            {{ value_of("final_places.suggested_quantity", "products.unit_price") }} as suggested_value,
            {{ value_of("final_places.suggested_quantity", "(products.unit_price - products.unit_cost)") }}
            as suggested_margin,
            as_of.as_of_date,
            {{ month_and_year(end_of_last_month("as_of.as_of_date")) }} as last_month,
            {{ when_said("triggers.last_purchase_date") }} as trigger_bought,
            {{ when_said("last_purchases.last_purchase_date") }} as last_bought
        from final_places
        inner join customers using (customer_number)
        left join customer_clusters using (customer_number)
        left join last_purchases using (customer_number)
        inner join products using (product_number)
        left join products as trigger_products on final_places.trigger_number = trigger_products.product_number
        left join
            market_basket as triggers
            on final_places.customer_number = triggers.customer_number
            and final_places.trigger_number = triggers.product_number
        cross join as_of
    )

select *, {{ reason() }} as reason, {{ explanation() }} as explanation
from described
