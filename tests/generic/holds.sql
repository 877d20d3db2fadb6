{#- Every row fulfils the condition; a condition that comes out null counts as broken. -#}
{% test holds(model, condition) %} select * from {{ model }} where not coalesce({{ condition }}, false) {% endtest %}
