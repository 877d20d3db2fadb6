with

    invoice_lines as (select * from {{ ref("stg_invoice_lines") }}),

    as_of as (select * from {{ ref("as_of") }}),

    -- The one place where the future is cut off: every later stage reads purchases from here.
    known_lines as (
        select invoice_lines.* from invoice_lines inner join as_of on invoice_lines.invoice_date <= as_of.as_of_date
    )

select
    customer_id,
    product_id,
    invoice_id,
    coalesce(sum(quantity) filter (where quantity > 0), 0) as ordered_quantity,
    sum(quantity) as net_quantity,
    min(invoice_date) filter (where quantity > 0) as first_ordered_date,
    max(invoice_date) filter (where quantity > 0) as last_ordered_date
from known_lines
group by customer_id, product_id, invoice_id
