{#-
  No figure of run_comparison moved further than this parameter allows, or today's jump is accepted. Run end tells the
  figures in words (macros/jumps.sql), because dbt only counts them.
-#}
{% test moves_within_limit(model, parameter) %}
    select * from {{ model }} where parameter = '{{ parameter }}' and not is_within_limit and not is_accepted
{% endtest %}
