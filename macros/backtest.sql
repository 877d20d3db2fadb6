{#- What a back-test measures, and how sure it is. -#}
{#- Whether this run looks past its as-of date: one is set, and evaluation_days is not 0. Without a date nothing later
    is known: the newest one is taken. -#}
{% macro is_evaluated() %} {{ return(var("as_of_date") and var("evaluation_days") > 0) }} {% endmacro %}

{#- SQL of a mean that does not depend on the order of adding, of numbers below a billion, nine decimals of which
    count; nulls do not count, none of any gives null. -#}
{% macro mean_of(value) -%}
    cast(sum(cast({{ value }} as decimal(18, 9))) as double) / nullif(count({{ value }}), 0)
{%- endmacro %}

{#- SQL of 1.96 standard errors of such a mean: 50 zeros and 51 ones give 0.098. One value gives null. -#}
{% macro margin_of(value) -%}
    1.96 * sqrt(
        greatest({{ mean_of(value ~ " * " ~ value) }} - {{ mean_of(value) }} * {{ mean_of(value) }}, 0)
        / nullif(count({{ value }}) - 1, 0)
    )
{%- endmacro %}
