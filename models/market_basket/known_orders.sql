-- Lines of one invoice are one order of the product. Put together once: nothing after it counts invoices of a pair
-- again.
with invoice_lines as (select * from {{ ref("known_invoice_lines") }})

select
    invoice_id,
    customer_number,
    product_number,
    coalesce(sum(quantity) filter (where quantity > 0), 0) as quantity_bought,
    coalesce(- sum(quantity) filter (where quantity < 0), 0) as quantity_returned,
    min(invoice_date) filter (where quantity > 0) as first_purchase_date,
    max(invoice_date) filter (where quantity > 0) as last_purchase_date
from invoice_lines
group by invoice_id, customer_number, product_number
