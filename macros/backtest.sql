{#-
  What a back-test measures, and how sure it is.
-#}
{#- Whether this run looks past its as-of date. Without a date nothing later is known: the newest one is taken. -#}
{% macro is_evaluated() %} {{ return(var("as_of_date") and var("evaluation_days") > 0) }} {% endmacro %}

{#- A mean that does not depend on the order of adding. Null values do not count. -#}
{% macro mean_of(value) -%}
    cast(sum(cast({{ value }} as decimal(18, 9))) as double) / nullif(count({{ value }}), 0)
{%- endmacro %}

{#- 1.96 standard errors of such a mean; null of fewer than two values. -#}
{% macro margin_of(value) -%}
    1.96 * sqrt(
        greatest({{ mean_of(value ~ " * " ~ value) }} - {{ mean_of(value) }} * {{ mean_of(value) }}, 0)
        / nullif(count({{ value }}) - 1, 0)
    )
{%- endmacro %}
