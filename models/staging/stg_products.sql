with

    judged_products as (select * from {{ ref("judged_products") }}),

    -- What took over from a product that is never recommended is not recommended either.
    never_recommended as (
        select distinct counts_for
        from judged_products
        where product_id in ('' {% for id in var("never_recommend") %}, {{ clean_id(sql_literal(id)) }} {% endfor %})
    )

select
    judged_products.product_id,
    judged_products.product_name,
    judged_products.l2_category,
    judged_products.l3_category,
    judged_products.active = 'yes' as is_active,
    never_recommended.counts_for is null as is_recommendable,
    judged_products.unit_price,
    judged_products.unit_cost,
    judged_products.stock_on_hand,
    cast(row_number() over (order by judged_products.product_id) as integer) as product_number
from judged_products
left join never_recommended on judged_products.product_id = never_recommended.counts_for
where judged_products.counts_for = judged_products.product_id
