with
    {% for table_name, columns in input_tables().items() %}
        words_in_{{ table_name }} as (
            select
                {% for column in columns["required"] + columns["optional"] %}
                    {% set text = "cast(" ~ read_column(table_name, column, "rows_read") ~ " as string)" %}
                    count(*) filter (
                        where length({{ text }}) < 10 and {{ is_a_word_for_nothing("trim(" ~ text ~ ")") }}
                    ) as {{ column }}{{ "," if not loop.last }}
                {% endfor %}
            from {{ input_relation(table_name) }} as rows_read
        ){{ "," if not loop.last }}
    {% endfor %}

{% for table_name, columns in input_tables().items() %}
        {{ "union all" if not loop.first }}
    {% for column in columns["required"] + columns["optional"] %}
        select '{{ table_name }}' as source_table, '{{ column }}' as subject, {{ column }} as row_count
        from words_in_{{ table_name }} {{ "union all" if not loop.last }}
    {% endfor %}
{% endfor %}
