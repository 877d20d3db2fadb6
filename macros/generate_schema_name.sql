{#- Hooks and readers name tables with their schema, which must not depend on the target. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ in_schema((custom_schema_name or target.schema) | trim) }}
{%- endmacro %}

{#- A schema's name. On Spark the schemas of all projects lie beside each other, and ours begin with a word of ours. -#}
{% macro in_schema(name) %} {{ return(target.get("schema_prefix", "") ~ name) }} {% endmacro %}
