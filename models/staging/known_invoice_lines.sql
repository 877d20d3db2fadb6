-- The one place where the future is cut off: every later stage reads purchases from here.
with invoice_lines as (select * from {{ ref("stg_invoice_lines") }}), as_of as (select * from {{ ref("as_of") }})

select invoice_id, customer_id, product_id, quantity, invoice_date
from invoice_lines
where invoice_date <= (select as_of.as_of_date from as_of)
