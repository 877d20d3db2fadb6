-- How often a customer orders anything, and whether it is late: by its own habit, not by a number of days for all.
with

    purchases as (select * from {{ ref("purchases") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    order_days as (
        select
            customer_number,
            invoice_date as order_date,
            lag(invoice_date) over (partition by customer_number order by invoice_date) as previous_order_date
        from purchases
        where quantity_bought > 0
        group by customer_number, invoice_date
    ),

    rhythms as (
        select
            customer_number,
            count(*) as order_days,
            max(order_date) as last_order_date,
            median({{ days_between("previous_order_date", "order_date") }}) as usual_order_interval_days
        from order_days
        group by customer_number
    ),

    dated as (
        select rhythms.*, {{ days_between("rhythms.last_order_date", "as_of.as_of_date") }} as days_since_last_order
        from rhythms
        cross join as_of
    )

select
    customer_number,
    case
        when order_days < 3
        then 'new or rare'
        when days_since_last_order <= 1.5 * usual_order_interval_days
        then 'on schedule'
        when days_since_last_order <= 3 * usual_order_interval_days
        then 'late'
        else 'silent'
    end as order_state,
    order_days,
    usual_order_interval_days,
    days_since_last_order,
    last_order_date
from dated
