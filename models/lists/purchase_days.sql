-- The days on which a customer bought a product and kept more of it than it brought back. Time is counted in days
-- before the as-of date and in spans of four weeks, of which 0 ends on it: an earlier date sees the same spans, moved.
with

    purchases as (select * from {{ ref("purchases") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    days as (
        select customer_number, product_number, invoice_date as purchase_date, sum(quantity) as quantity
        from purchases
        group by customer_number, product_number, invoice_date
        having sum(quantity) > 0
    )

select
    days.customer_number,
    days.product_number,
    cast({{ days_between("days.purchase_date", "as_of.as_of_date") }} as integer) as days_ago,
    cast(
        floor({{ days_between("days.purchase_date", "as_of.as_of_date") }} / {{ call_horizon_days() }}) as integer
    ) as span,
    days.quantity,
    days.purchase_date
from days
cross join as_of
