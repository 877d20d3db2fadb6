with

    customers as (select * from {{ ref("stg_customers") }}),

    customer_numbers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

    order_rhythms as (select * from {{ ref("order_rhythms") }}),

    turnovers as (select * from {{ ref("turnovers") }}),

    white_spaces as (select * from {{ ref("white_spaces") }}),

    customer_values as (select * from {{ ref("customer_values") }}),

    described as (
        select
            customer_values.*,
            customers.customer_name,
            customers.account_manager,
            coalesce(order_rhythms.order_state, 'never ordered') as order_state,
            white_spaces.white_space,
            coalesce(order_rhythms.order_days, 0) as order_days,
            order_rhythms.usual_order_interval_days,
            order_rhythms.days_since_last_order,
            coalesce(turnovers.turnover_365_days, 0) as turnover_365_days,
            coalesce(white_spaces.white_space_count, 0) as white_space_count,
            order_rhythms.last_order_date
        from customers
        inner join customer_numbers on customers.customer_id = customer_numbers.customer_id
        inner join customer_values on customers.customer_id = customer_values.customer_id
        left join order_rhythms on customer_numbers.customer_number = order_rhythms.customer_number
        left join turnovers on customer_numbers.customer_number = turnovers.customer_number
        left join white_spaces on customer_numbers.customer_number = white_spaces.customer_number
    )

select
    customer_id,
    customer_name,
    account_manager,
    top_reorder_product,
    top_offer_product,
    order_state,
    top_reorder,
    top_offer,
    white_space,
    {{ brief_sentence() }} as sentence,
    cast(
        row_number() over (partition by account_manager order by expected_value desc, customer_id) as integer
    ) as call_rank,
    expected_value,
    order_days,
    usual_order_interval_days,
    days_since_last_order,
    turnover_365_days,
    reorders_due,
    reorder_value,
    lost_products,
    replaced_products,
    lost_value,
    offers,
    offer_value,
    unrated,
    white_space_count,
    last_order_date
from described
