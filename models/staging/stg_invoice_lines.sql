with judged_invoices as (select * from {{ ref("judged_invoices") }})

select invoice_id, customer_id, product_id, row_number, quantity, invoice_date
from judged_invoices
where rejection_reason is null
