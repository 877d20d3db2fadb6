-- Harm: a row that is neither accepted nor rejected is a purchase that silently never happened.
-- A customer or product that was replaced is accepted, though it stands in its successor.
{{ config(group="staging") }}
{%- set named_otherwise = {
    "customers": "judged_customers",
    "products": "judged_products",
    "invoices": "stg_invoice_lines",
    "account_managers": "account_managers",
} %}

with

    counted as (
        {% for table_name in judged_tables() %}
            select '{{ table_name }}' as source_table, count(*) as rows_too_many
            from {{ input_relation(table_name) }}
            union all
            select '{{ table_name }}' as source_table, - count(*) as rows_too_many
            from {{ ref(named_otherwise.get(table_name, "stg_" ~ table_name)) }}
            {% if table_name in ["customers", "products"] %} where rejection_reason is null {% endif %}
            union all
        {% endfor %}
        select source_table, count(*) as rows_too_many
        from {{ source("input", "unreadable_lines") }}
        group by source_table
        union all
        select source_table, - count(*) as rows_too_many
        from {{ ref("rejected_rows") }}
        group by source_table
    )

select source_table, sum(rows_too_many) as rows_too_many
from counted
group by source_table
having sum(rows_too_many) <> 0
