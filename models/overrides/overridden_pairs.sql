-- Every pair that an override names, on the as-of date. An exclude for everybody is not here: product_numbers has it.
with

    overrides as (select * from {{ ref("stg_overrides") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    customers as (select * from {{ ref("customer_numbers") }}),

    products as (select * from {{ ref("product_numbers") }}),

    market_basket as (select customer_number, product_number from {{ ref("market_basket") }}),

    current_overrides as (
        select overrides.*
        from overrides
        cross join as_of
        where
            {{ is_valid("overrides") }}
            and (overrides.action = 'pin' or overrides.customer_id is not null or overrides.account_manager is not null)
    ),

    for_customers as (
        select current_overrides.row_number, customers.customer_number
        from current_overrides
        inner join
            customers
            on customers.customer_id = coalesce(current_overrides.customer_id, customers.customer_id)
            and customers.account_manager
            is not distinct from coalesce(current_overrides.account_manager, customers.account_manager)
    ),

    of_products as (
        select current_overrides.row_number, products.product_number, products.may_be_shown
        from current_overrides
        inner join products on {{ names_product("current_overrides", "products") }}
    ),

    pairs as (
        select
            customer_number,
            product_number,
            bool_or(may_be_shown) as may_be_shown,
            bool_or(action = 'exclude') as is_excluded,
            min(row_number) filter (where action = 'pin') as pin_row
        from current_overrides
        inner join for_customers using (row_number)
        inner join of_products using (row_number)
        group by customer_number, product_number
    ),

    -- A pin is for what the customer does not have; an exclude beats it.
    judged as (
        select
            pairs.*,
            pin_row is not null
            and may_be_shown
            and not is_excluded
            and market_basket.product_number is null as is_pinned
        from pairs
        left join market_basket using (customer_number, product_number)
    )

select
    customer_number,
    product_number,
    is_excluded,
    case
        when is_pinned then row_number() over (partition by customer_number, is_pinned order by pin_row, product_number)
    end as pin_position
from judged
