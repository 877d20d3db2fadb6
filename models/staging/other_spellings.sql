{% for table_name, column in [
    ("customers", "region"),
    ("customers", "end_use"),
    ("products", "l2_category"),
    ("products", "l3_category"),
] %}
    {{ "union all" if not loop.first }}
    select
        '{{ table_name }}' as source_table,
        '{{ column }}' as column_name,
        checked.{{ column }} as common,
        min(as_read.{{ column }}) as an_example,
        count(*) as row_count
    from {{ ref("read_" ~ table_name) }} as as_read
    inner join {{ ref(checked_models()[table_name]) }} as checked on as_read.row_number = checked.row_number
    where as_read.{{ column }} <> checked.{{ column }}
    group by checked.{{ column }}
{% endfor %}
