{#- SQL: whether so many customers of a cluster make a pattern: at least `min_support` of them and at least
    `min_rule_customers`. By default 3 of 50 do (0.06), 2 of 20 do not (0.10, but only two). A share alone would call
    what one of ten customers did a pattern. -#}
{% macro is_frequent(customers, cluster_size) -%}
    {{ customers }} / {{ cluster_size }} >= {{ var("min_support") }}
    and {{ customers }} >= {{ var("min_rule_customers") }}
{%- endmacro %}
