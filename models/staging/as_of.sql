with newest as (select max(invoice_date) as invoice_date from {{ ref("stg_invoice_lines") }})

select
    '{{ data_kind() }}' as data_kind,
    {% if var("as_of_date") %}
        cast({{ sql_literal(var("as_of_date")) }} as date) as as_of_date,
        cast({{ sql_literal(var("as_of_date")) }} as date) as ratings_until
    {% else %}
        invoice_date as as_of_date,
        -- Of today, too: what is rated in the afternoon counts in the night, however old the newest invoice is.
        cast('{{ run_day() }}' as date) as ratings_until
    {% endif %}
from newest
