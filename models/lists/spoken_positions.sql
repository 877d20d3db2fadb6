-- The lists after feedback and the targets of every product as people read them, and how many units to suggest.
with

    positions as (select * from {{ ref("list_positions") }} where list_name in ('final', 'target')),

    candidates as (select * from {{ ref("recommendation_candidates") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    customer_clusters as (select customer_number, cluster_id from {{ ref("customer_clusters") }}),

    comparison_groups as (select * from {{ ref("comparison_groups") }}),

    products as (select * from {{ ref("product_numbers") }}),

    popularity as (select group_number, product_number from {{ ref("popularity") }} where buyers > 0),

    market_basket as (select customer_number, product_number, last_purchase_date from {{ ref("market_basket") }}),

    purchases as (select * from {{ ref("purchases") }} where quantity > 0),

    as_of as (select as_of_date, said_on from {{ ref("as_of") }}),

    -- The group whose orders answer: the nearest in which anybody kept the product.
    answering as (
        select
            positions.customer_number,
            positions.product_number,
            min_by(comparison_groups.group_number, comparison_groups.group_step) as group_number
        from positions
        inner join comparison_groups using (customer_number)
        inner join popularity using (group_number, product_number)
        group by positions.customer_number, positions.product_number
    ),

    asked as (select distinct group_number, product_number from answering),

    -- Who kept the product; who returned it all is no buyer.
    buyers as (
        select asked.group_number, market_basket.customer_number, market_basket.product_number
        from market_basket
        inner join comparison_groups using (customer_number)
        inner join asked using (group_number, product_number)
    ),

    medians as (
        select buyers.group_number, buyers.product_number, median(cast(purchases.quantity as double)) as quantity
        from purchases
        inner join buyers using (customer_number, product_number)
        group by buyers.group_number, buyers.product_number
    ),

    suggested as (
        select
            positions.list_name,
            positions.rank,
            candidates.*,
            cast(greatest(ceil(coalesce(medians.quantity, 1)), 1) as bigint) as suggested_quantity
        from candidates
        inner join positions using (customer_number, product_number)
        left join answering using (customer_number, product_number)
        left join medians using (group_number, product_number)
    ),

    last_purchases as (
        select customer_number, max(last_purchase_date) as last_purchase_date
        from market_basket
        group by customer_number
    ),

    described as (
        select
            suggested.*,
            customers.customer_name,
            customers.account_manager,
            customers.segment,
            customers.segment_words,
            customers.is_held_out,
            customer_clusters.cluster_id,
            products.product_name,
            products.l3_category,
            -- Two products of one name (sizes, successors) would read "X → X": then, and only then, with their ids.
            {{ spoken_name("products", "trigger_products") }} as spoken_name,
            {{ spoken_name("trigger_products", "products") }} as trigger_name,
            {{ value_of("suggested.suggested_quantity", "products.unit_price") }} as suggested_value,
            {{ value_of("suggested.suggested_quantity", "(products.unit_price - products.unit_cost)") }}
            as suggested_margin,
            as_of.as_of_date,
            {{ month_and_year(end_of_last_month("as_of.as_of_date")) }} as last_month,
            {{ when_said("triggers.last_purchase_date") }} as trigger_bought,
            {{ when_said("last_purchases.last_purchase_date") }} as last_bought
        from suggested
        inner join customers using (customer_number)
        left join customer_clusters using (customer_number)
        left join last_purchases using (customer_number)
        inner join products using (product_number)
        left join products as trigger_products on suggested.trigger_number = trigger_products.product_number
        left join
            market_basket as triggers
            on suggested.customer_number = triggers.customer_number
            and suggested.trigger_number = triggers.product_number
        cross join as_of
    )

select *, {{ reason() }} as reason, {{ explanation() }} as explanation
from described
