-- What the lists of a customer hold, counted and added up. What has no price adds nothing.
with

    customers as (select customer_id from {{ ref("stg_customers") }}),

    reorders as (
        select
            customer_id,
            count(*) as reorders_due,
            sum(suggested_value) as reorder_value,
            max(product_id) filter (where rank = 1) as top_reorder_product,
            max(product_name) filter (where rank = 1) as top_reorder
        from {{ ref("reorders_due") }}
        group by customer_id
    ),

    lost as (
        select
            customer_id,
            count(*) as lost_products,
            count(*) filter (where kind = 'replaced') as replaced_products,
            sum(yearly_value) as lost_value
        from {{ ref("lost_products") }}
        group by customer_id
    ),

    offers as (
        select
            customer_id,
            count(*) as offers,
            count(*) filter (where rating is null) as unrated,
            sum(suggested_value) as offer_value,
            max(recommended_product) filter (where rank = 1) as top_offer_product,
            max(product_name) filter (where rank = 1) as top_offer
        from {{ ref("final_recommendations") }}
        group by customer_id
    ),

    added_up as (
        select
            customers.customer_id,
            reorders.top_reorder_product,
            offers.top_offer_product,
            reorders.top_reorder,
            offers.top_offer,
            coalesce(reorders.reorders_due, 0) as reorders_due,
            coalesce({{ money("reorders.reorder_value") }}, 0) as reorder_value,
            coalesce(lost.lost_products, 0) as lost_products,
            coalesce(lost.replaced_products, 0) as replaced_products,
            coalesce({{ money("lost.lost_value") }}, 0) as lost_value,
            coalesce(offers.offers, 0) as offers,
            coalesce({{ money("offers.offer_value") }}, 0) as offer_value,
            coalesce(offers.unrated, 0) as unrated
        from customers
        left join reorders on customers.customer_id = reorders.customer_id
        left join lost on customers.customer_id = lost.customer_id
        left join offers on customers.customer_id = offers.customer_id
    )

select
    *,
    {{
        money(
            chance("chance_reorder")
            ~ " * reorder_value + "
            ~ chance("chance_lost")
            ~ " * lost_value + "
            ~ chance("chance_offer")
            ~ " * offer_value"
        )
    }} as expected_value
from added_up
