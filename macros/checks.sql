{#-
  Rules of staging that more than one table uses. Each gives SQL.
-#}
{#- The first required column of an input table that is null in a row, as a reason; null when none is. `relation` is
    the row's table where columns need one: missing_column_reason("customers") -> 'region is missing'. -#}
{% macro missing_column_reason(table_name, relation=none) -%}
    case
        {% for column in input_columns(table_name)["required"] %}
            when {{ relation ~ "." if relation }}{{ column }} is null then '{{ column }} is missing'
        {% endfor %}
    end
{%- endmacro %}

{#- The calendar date at the start of a text (YYYY-MM-DD or YYYY/MM/DD, a time may follow), else null. A time
    zone behind it never moves the date: the date as written counts. -#}
{% macro parse_date(column) -%}
    try_cast(
        regexp_extract(
            {{ column }},
            '^(\d{4}[-/]\d{1,2}[-/]\d{1,2})([T ]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?$',
            1
        ) as date
    )
{%- endmacro %}

{#- A plain decimal number (12, -3.5, 1e3), kept to 4 decimals, else null. Thousands separators, NaN, infinity
    and numbers of 10^14 or more are none. -#}
{% macro parse_quantity(column) -%}
    case
        when regexp_full_match({{ column }}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
        then try_cast({{ column }} as decimal(18, 4))
    end
{%- endmacro %}

{#- A row of an input table as read, as JSON text, for rejected_rows. `relation` as above. -#}
{% macro row_as_json(table_name, relation=none) -%}
    {% set columns = input_columns(table_name) %}
    cast(
        to_json(
            struct_pack(
                {% for column in columns["required"] + columns["optional"] %}
                    {{ column }} := {{ relation ~ "." if relation }}{{ column }}{{ "," if not loop.last }}
                {% endfor %}
            )
        ) as varchar
    )
{%- endmacro %}
