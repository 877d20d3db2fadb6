-- Harm: a row that is neither accepted nor rejected is a purchase that silently never happened.
-- A customer or product that was replaced is accepted, though it stands in its successor.
{{ config(group="staging") }}
{%- set accepted = {
    "customers": ref("judged_customers") ~ " where rejection_reason is null",
    "products": ref("judged_products") ~ " where rejection_reason is null",
    "invoices": ref("stg_invoice_lines"),
    "feedback": ref("stg_ratings") ~ " where event_id is null",
    "rating_events": ref("stg_ratings") ~ " where event_id is not null",
    "overrides": ref("stg_overrides"),
    "account_managers": ref("account_managers"),
    "list_openings": ref("stg_list_openings"),
} %}

with

    counted as (
        {% for table_name in judged_tables() %}
            select '{{ table_name }}' as source_table, count(*) as rows_too_many
            from {{ input_relation(table_name) }}
            union all
            select '{{ table_name }}' as source_table, - count(*) as rows_too_many
            from {{ accepted[table_name] }}
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
