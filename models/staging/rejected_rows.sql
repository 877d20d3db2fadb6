-- A line that could not be split into columns was rejected while it was read.
with

    rejected as (
        {% for table_name in judged_tables() %}
            {{ "union all" if not loop.first }}
            select '{{ table_name }}' as source_table, rejection_reason as reason, row_values, row_number
            from {{ ref("judged_" ~ table_name) }}
            where rejection_reason is not null
        {% endfor %}
    ),

    unreadable_lines as (select * from {{ source("input", "unreadable_lines") }})

select source_table, reason, row_values, row_number
from rejected
union all
select source_table, reason, {{ json_object({"line": "line"}) }} as row_values, row_number
from unreadable_lines
