with checked_invoice_lines as (select * from {{ ref("checked_invoice_lines") }})

select invoice_id, customer_id, product_id, row_number, quantity, invoice_date
from checked_invoice_lines
where rejection_reason is null
