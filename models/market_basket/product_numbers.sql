with

    -- What nobody counted is there.
    products as (select *, coalesce(stock_on_hand > 0, true) as is_in_stock from {{ ref("stg_products") }}),

    overrides as (select * from {{ ref("stg_overrides") }} where action = 'exclude'),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    -- What is excluded for everybody. For some customers: closed_pairs.
    excluded as (
        select distinct products.product_id
        from products
        inner join overrides on {{ names_product("overrides", "products") }}
        cross join as_of
        where overrides.customer_id is null and overrides.account_manager is null and {{ is_valid("overrides") }}
    )

select
    products.product_id,
    products.product_name,
    products.l2_category,
    products.l3_category,
    products.is_active and excluded.product_id is null as is_offered,
    products.is_in_stock,
    products.is_active
    and excluded.product_id is null
    and products.is_in_stock
    and products.is_recommendable as may_be_shown,
    -- Money by decimals: sums of floats depend on their order.
    try_cast(products.unit_price as decimal(18, 6)) as unit_price,
    try_cast(products.unit_cost as decimal(18, 6)) as unit_cost,
    products.stock_on_hand,
    products.product_number,
    cast(dense_rank() over (order by products.l2_category) as integer) as category_number,
    cast(dense_rank() over (order by products.l2_category, products.l3_category) as integer) as aisle_number
from products
left join excluded on products.product_id = excluded.product_id
