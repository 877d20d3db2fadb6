{#-
  Money is decimals with two places: a sum of floats depends on the order of adding.
-#}
{#- Null for what no price list holds: 10^16 and more. -#}
{% macro money(amount) -%} try_cast({{ amount }} as decimal(18, 2)) {%- endmacro %}

{#- Value of a quantity, rounded half up; null without a price. 3 units at 0.335 are 1.01. -#}
{% macro value_of(quantity, unit_price) -%}
    {{ money("cast(" ~ quantity ~ " as decimal(18, 4)) * " ~ unit_price) }}
{%- endmacro %}
