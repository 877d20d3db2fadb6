with

    newest as (
        select max(invoice_date) as invoice_date from {{ ref("judged_invoices") }} where rejection_reason is null
    )

select
    '{{ data_kind() }}' as data_kind,
    {% if var("as_of_date") %}
        cast({{ sql_literal(var("as_of_date")) }} as date) as as_of_date,
        cast({{ sql_literal(var("as_of_date")) }} as date) as ratings_until,
        cast({{ sql_literal(var("as_of_date")) }} as date) as said_on
    {% else %}
        invoice_date as as_of_date,
        -- Of today, too: what is rated in the afternoon counts in the next run, however old the newest invoice is.
        cast('{{ run_day() }}' as date) as ratings_until,
        {% if data_kind() == "own" %}
            case
                when not {{ is_long_before_the_run("invoice_date") }}
                then greatest(invoice_date, cast('{{ run_day() }}' as date))
            end as said_on
        {% else %} invoice_date as said_on
        {% endif %}
    {% endif %}
from newest
