{#-
  No figure of run_comparison moved further than it may, or today's unusual changes are accepted. Run end tells the figures in words,
  because dbt only counts them.
-#}
{% test moves_within_limit(model) %}
    select * from {{ model }} where not is_within_limit and not is_accepted
{% endtest %}
