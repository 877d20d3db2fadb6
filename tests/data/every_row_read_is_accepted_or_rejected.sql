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

    {% for table_name in judged_tables() %}
        read_{{ table_name }} as (
            select
                (select count(*) from {{ input_relation(table_name) }}) + (
                    select count(*)
                    from {{ source("input", "unreadable_lines") }}
                    where source_table = '{{ table_name }}'
                ) as rows_read
        ),
    {% endfor %}

    accepted as (
        {% for table_name in judged_tables() %}
            {{ "union all" if not loop.first }}
            select '{{ table_name }}' as source_table, count(*) as rows_accepted
            from {{ ref(named_otherwise.get(table_name, "stg_" ~ table_name)) }}
            {% if table_name in ["customers", "products"] %} where rejection_reason is null {% endif %}
        {% endfor %}
    ),

    rejected as (select source_table, count(*) as rows_rejected from {{ ref("rejected_rows") }} group by source_table),

    read as (
        {% for table_name in judged_tables() %}
            {{ "union all" if not loop.first }}
            select '{{ table_name }}' as source_table, rows_read
            from read_{{ table_name }}
        {% endfor %}
    )

select read.source_table, read.rows_read, accepted.rows_accepted, rejected.rows_rejected
from read
inner join accepted on read.source_table = accepted.source_table
left join rejected on read.source_table = rejected.source_table
where read.rows_read <> accepted.rows_accepted + coalesce(rejected.rows_rejected, 0)
