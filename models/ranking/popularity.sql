-- The three steps of the ladder as lists: who is the group, and how many of it bought each product.
with

    market_basket as (select * from {{ ref("market_basket") }}),

    customer_clusters as (select * from {{ ref("customer_clusters") }}),

    products as (select * from {{ ref("stg_products") }}),

    cluster_buyers as (
        select
            1 as ladder_step,
            customer_clusters.segment,
            customer_clusters.cluster_id,
            market_basket.product_id,
            count(*) as buyers,
            any_value(customer_clusters.cluster_size) as group_customers
        from market_basket
        inner join customer_clusters on market_basket.customer_id = customer_clusters.customer_id
        group by customer_clusters.segment, customer_clusters.cluster_id, market_basket.product_id
    ),

    segment_customers as (select segment, count(*) as group_customers from customer_clusters group by segment),

    segment_buyers as (
        select
            2 as ladder_step,
            market_basket.segment,
            cast(null as integer) as cluster_id,
            market_basket.product_id,
            count(*) as buyers,
            any_value(segment_customers.group_customers) as group_customers
        from market_basket
        inner join segment_customers on market_basket.segment = segment_customers.segment
        group by market_basket.segment, market_basket.product_id
    ),

    all_customers as (select count(*) as group_customers from customer_clusters),

    -- The last step holds the whole catalogue, products that nobody bought yet at its end, so that everybody who
    -- does not own nearly everything gets a full list.
    overall_buyers as (
        select
            3 as ladder_step,
            cast(null as varchar) as segment,
            cast(null as integer) as cluster_id,
            products.product_id,
            count(market_basket.product_id) as buyers,
            any_value(all_customers.group_customers) as group_customers
        from products
        left join market_basket on products.product_id = market_basket.product_id
        cross join all_customers
        group by products.product_id
    ),

    ladder as (
        select *
        from cluster_buyers
        union all
        select *
        from segment_buyers
        union all
        select *
        from overall_buyers
    )

select
    segment,
    cluster_id,
    product_id,
    ladder_step,
    buyers,
    group_customers,
    row_number() over (partition by ladder_step, segment, cluster_id order by buyers desc, product_id) as position,
    case when group_customers > 0 then buyers / group_customers else 0 end as share
from ladder
where {{ may_be_shown("product_id") }}
