-- Every pair that an override names, on the as-of date. An exclude for everybody is not here: product_numbers has it.
with

    overrides as (select * from {{ ref("stg_overrides") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    customers as (
        select customer_numbers.customer_id, customer_numbers.customer_number, stg_customers.account_manager
        from {{ ref("customer_numbers") }} as customer_numbers
        inner join
            {{ ref("stg_customers") }} as stg_customers on customer_numbers.customer_id = stg_customers.customer_id
    ),

    products as (select * from {{ ref("product_numbers") }}),

    current_overrides as (
        select overrides.*
        from overrides
        cross join as_of
        where
            {{ is_valid("overrides") }}
            and (overrides.action = 'pin' or overrides.customer_id is not null or overrides.account_manager is not null)
    ),

    -- By what narrows it most, so that each is found and none compared with all.
    for_customers as (
        select current_overrides.row_number, customers.customer_number
        from current_overrides
        inner join customers on current_overrides.customer_id = customers.customer_id
        where
            customers.account_manager
            is not distinct from coalesce(current_overrides.account_manager, customers.account_manager)
        union all
        select current_overrides.row_number, customers.customer_number
        from current_overrides
        inner join customers on current_overrides.account_manager = customers.account_manager
        where current_overrides.customer_id is null
        union all
        select current_overrides.row_number, customers.customer_number
        from current_overrides
        cross join customers
        where current_overrides.customer_id is null and current_overrides.account_manager is null
    ),

    of_products as (
        select current_overrides.row_number, products.product_number
        from current_overrides
        inner join products on current_overrides.product_id = products.product_id
        where
            products.l3_category = coalesce(current_overrides.l3_category, products.l3_category)
            and products.l2_category = coalesce(current_overrides.l2_category, products.l2_category)
        union all
        select current_overrides.row_number, products.product_number
        from current_overrides
        inner join products on products.l3_category = current_overrides.l3_category
        where
            current_overrides.product_id is null
            and products.l2_category = coalesce(current_overrides.l2_category, products.l2_category)
        union all
        select current_overrides.row_number, products.product_number
        from current_overrides
        inner join products on products.l2_category = current_overrides.l2_category
        where current_overrides.product_id is null and current_overrides.l3_category is null
        union all
        select current_overrides.row_number, products.product_number
        from current_overrides
        cross join products
        where
            current_overrides.product_id is null
            and current_overrides.l3_category is null
            and current_overrides.l2_category is null
    )

select
    for_customers.customer_number,
    of_products.product_number,
    bool_or(current_overrides.action = 'exclude') as is_excluded,
    min(current_overrides.row_number) filter (where current_overrides.action = 'pin') as pin_row
from current_overrides
inner join for_customers on current_overrides.row_number = for_customers.row_number
inner join of_products on current_overrides.row_number = of_products.row_number
group by for_customers.customer_number, of_products.product_number
