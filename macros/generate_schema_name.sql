{#- Hooks and readers name tables with their schema, which must not depend on the target. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ in_schema((custom_schema_name or target.schema) | trim) }}
{%- endmacro %}
