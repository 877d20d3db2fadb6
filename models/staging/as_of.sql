with invoice_lines as (select * from {{ ref("stg_invoice_lines") }})

select
    {% if var("as_of_date") %} cast({{ sql_literal(var("as_of_date")) }} as date) as as_of_date,
    {% else %} max(invoice_date) as as_of_date,
    {% endif %}
    max(invoice_date) as newest_invoice_date
from invoice_lines
