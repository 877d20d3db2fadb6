with invoice_lines as (select * from {{ ref("stg_invoice_lines") }})

select coalesce(cast(nullif({{ sql_literal(var("as_of_date") or "") }}, '') as date), max(invoice_date)) as as_of_date
from invoice_lines
