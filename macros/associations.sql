{#- A share alone would call what one of ten customers did a pattern. -#}
{% macro is_frequent(customers, cluster_size) -%}
    {{ customers }} / {{ cluster_size }} >= {{ var("min_support") }}
    and {{ customers }} >= {{ var("min_rule_customers") }}
{%- endmacro %}
