{#-
  What a back-test measures, and how sure it is.
-#}
{#- Without a date nothing later is known: the newest one is taken. -#}
{% macro is_evaluated() %} {{ return(var("as_of_date") and var("evaluation_days") > 0) }} {% endmacro %}

{% macro mean_of(value) -%}
    cast(sum(cast({{ value }} as decimal(18, 9))) as double) / nullif(count({{ value }}), 0)
{%- endmacro %}

{% macro margin_of(value) -%}
    1.96 * sqrt(
        greatest({{ mean_of(value ~ " * " ~ value) }} - {{ mean_of(value) }} * {{ mean_of(value) }}, 0)
        / nullif(count({{ value }}) - 1, 0)
    )
{%- endmacro %}
