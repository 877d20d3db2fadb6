with

    {% for table_name, model in [
        ("customers", "checked_customers"),
        ("products", "checked_products"),
        ("invoices", "checked_invoice_lines"),
        ("feedback", "checked_feedback"),
    ] %}
        {{ "," if not loop.first }}
        rejected_{{ table_name }} as (
            select '{{ table_name }}' as source_table, rejection_reason as reason, row_values, row_number
            from {{ ref(model) }}
            where rejection_reason is not null
        )
    {% endfor %}

select source_table, reason, row_values, row_number
from rejected_customers
union all
select source_table, reason, row_values, row_number
from rejected_products
union all
select source_table, reason, row_values, row_number
from rejected_invoices
union all
select source_table, reason, row_values, row_number
from rejected_feedback
