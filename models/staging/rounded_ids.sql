-- A spreadsheet keeps 15 digits of a number and writes zeros for the rest. One id that ends so may be as it should
-- be. Where
-- every number of more digits in a column does, and there are two of them (in the table that the ids are from: two
-- rows),
-- they were rounded, and which is which is lost.
{% for table_name in input_tables() %}
    {% set columns = id_columns(table_name) %}
    {% for column in columns %}
        select '{{ table_name }}' as source_table, '{{ column }}' as column_name
        from
            (
                select {{ clean_id(column) }} as id
                from {{ input_relation(table_name) }}
                -- Few: nothing else of the ids is looked at.
                where length(cast({{ column }} as string)) > 15
            ) as long_ids
        where regexp_extract(id, '^[0-9]{16,}$', 0) <> ''
        having
            bool_and({{ is_rounded_to_15_digits("id") }})
            {% if columns | length == 1 %} and count(*) > 1
            {% else %} and min(id) <> max(id)
            {% endif %}
            {{ "union all" if not loop.last }}
        {% endfor %} {{ "union all" if not loop.last }}
{% endfor %}
