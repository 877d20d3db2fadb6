{#-
  A night unlike the last: how far a figure of run_comparison may move from one published run to the next. The limits stand
  in dbt_project.yml, the figures in macros/figures.sql; ipre/run/gate.py words a jump.
-#}
{#- A factor of 2 allows twice as many and half as many. -#}
{% macro lowest_change(parameter) -%}
    {%- if not parameter %} cast(null as double)
    {%- elif parameter.endswith("_factor") %} 1 / cast({{ var(parameter) }} as double) - 1
    {%- else %} - cast({{ var(parameter) }} as double)
    {%- endif %}
{%- endmacro %}

{% macro highest_change(parameter) -%}
    {%- if not parameter %} cast(null as double)
    {%- elif parameter.endswith("_factor") %} cast({{ var(parameter) }} as double) - 1
    {%- else %} cast({{ var(parameter) }} as double)
    {%- endif %}
{%- endmacro %}

{#- It counts on one day only, because a switch that was left on would leave the gate open for ever. -#}
{% macro accepts_jumps() %}
    {{ return(var("accept_jump_on") | string in [run_started_at.strftime("%Y-%m-%d"), today()]) }}
{% endmacro %}

{% macro today() %} {{ return(run_started_at.astimezone().strftime("%Y-%m-%d")) }} {% endmacro %}
