-- The one model that looks past the as-of date. No rows unless the data reach to the end of the window: half a window
-- would make every method look worse than it is.
with

    invoice_lines as (select * from {{ ref("stg_invoice_lines") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    customers as (select customer_id, customer_number, is_held_out from {{ ref("customer_numbers") }}),

    products as (select product_id, product_number, may_be_shown from {{ ref("product_numbers") }}),

    known as (select distinct customer_number, product_number from {{ ref("purchases") }} where quantity > 0),

    known_customers as (select distinct customer_number from known),

    -- As in purchases: what came back on its day was not bought.
    later_days as (
        select
            invoice_lines.customer_id,
            invoice_lines.product_id,
            {{ days_between("max(as_of.as_of_date)", "invoice_lines.invoice_date") }} as days_after,
            sum(invoice_lines.quantity) as quantity
        from invoice_lines
        cross join as_of
        where invoice_lines.invoice_date > as_of.as_of_date
        group by invoice_lines.customer_id, invoice_lines.product_id, invoice_lines.invoice_date
        having sum(invoice_lines.quantity) > 0
    ),

    last_days as (select max(days_after) as last_day from later_days),

    pairs as (
        select
            customers.customer_number,
            products.product_number,
            customers.is_held_out,
            products.may_be_shown,
            min(later_days.days_after) as days_after,
            sum(later_days.quantity) filter (where later_days.days_after <= {{ call_horizon_days() }}) as quantity
        from later_days
        inner join customers using (customer_id)
        inner join products using (product_id)
        cross join last_days
        where
            last_days.last_day >= {{ var("evaluation_days") }} and later_days.days_after <= {{ var("evaluation_days") }}
        group by customers.customer_number, products.product_number, customers.is_held_out, products.may_be_shown
    )

select
    pairs.customer_number,
    pairs.product_number,
    pairs.days_after,
    pairs.quantity as quantity_within_horizon,
    -- Only of customers with a history, and only what is new to them. Who is held out has no list to be measured; who
    -- that is was drawn, so that nothing else is missed.
    pairs.may_be_shown
    and not pairs.is_held_out
    and known_customers.customer_number is not null
    and known.customer_number is null as is_new
from pairs
left join known_customers on pairs.customer_number = known_customers.customer_number
left join known on pairs.customer_number = known.customer_number and pairs.product_number = known.product_number
