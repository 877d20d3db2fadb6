{#-
  What engines spell in different ways. Models and other macros hold only SQL that DuckDB and Apache Spark take alike and
  answer alike (tests/python/test_portable_sql.py).
-#}
{#- Every value from outside that enters SQL goes through here. -#}
{% macro sql_literal(text) %} {{ return("'" ~ (text | string | replace("'", "''")) ~ "'") }} {% endmacro %}

{#- Some texts, with commas between. -#}
{% macro texts_in_sql(texts) %}
    {% set literals = [] %}
    {% for text in texts %} {% do literals.append(sql_literal(text)) %} {% endfor %}
    {{ return(literals | join(", ")) }}
{% endmacro %}

{% macro days_between(earlier, later) -%} cast({{ dbt.datediff(earlier, later, "day") }} as bigint) {%- endmacro %}

{% macro replace_all(text, pattern, replacement) %}
    {{ return("regexp_replace(" ~ text ~ ", " ~ sql_literal(pattern) ~ ", " ~ sql_literal(replacement) ~ ", 'g')") }}
{% endmacro %}

{% macro composed(text) %} {{ return("nfc_normalize(" ~ text ~ ")") }} {% endmacro %}

{% macro json_object(fields) -%}
    cast(
        to_json(
            struct_pack(
                {% for name, value in fields.items() %}{{ name }} := {{ value }}{{ "," if not loop.last }} {% endfor %}
            )
        ) as string
    )
{%- endmacro %}

{#- rowid counts the rows of a table in the order in which they were written; in a seed that was loaded before it goes on
    from there. `--empty` reads no table. -#}
{% macro place_of_row(relation) -%}
    {% if flags.EMPTY %} row_number() over () {% else %} rowid + 1 - (select min(rowid) from {{ relation }}) {% endif %}
{%- endmacro %}

{#- A text of hexadecimal digits as a whole number. -#}
{% macro hexadecimal(digits) -%} cast('0x' || {{ digits }} as bigint) {%- endmacro %}
