with

    {% for table_name, model in checked_models().items() %}
        rejected_{{ table_name }} as (
            select '{{ table_name }}' as source_table, rejection_reason as reason, row_values, row_number
            from {{ ref(model) }}
            where rejection_reason is not null
        ),
    {% endfor %}

    unreadable_lines as (
        select source_table, reason, {{ json_object({"line": "line"}) }} as row_values, row_number
        from {{ source("input", "unreadable_lines") }}
    )

{% for table_name in checked_models() %}
    select source_table, reason, row_values, row_number
    from rejected_{{ table_name }}
    union all
{% endfor %}
select source_table, reason, row_values, row_number
from unreadable_lines
