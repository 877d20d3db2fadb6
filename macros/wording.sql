{#- Days as spoken words: 0 -> today, 1 -> 1 day ago, 10 -> 10 days ago; null stays null. -#}
{% macro days_ago(days) -%}
    case {{ days }} when 0 then 'today' when 1 then '1 day ago' else {{ days }} || ' days ago' end
{%- endmacro %}
