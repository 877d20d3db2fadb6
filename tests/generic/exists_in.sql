{#-
  Every value is one of another table's, and null is none: dbt's own `relationships` lets nulls pass. Null is right only
  where may_be_null says that it has a meaning.
-#}
{% test exists_in(model, column_name, to, field, may_be_null=false) %}
    select model.{{ column_name }}
    from {{ model }} as model
    left join {{ to }} as parent on model.{{ column_name }} = parent.{{ field }}
    where parent.{{ field }} is null {% if may_be_null %} and model.{{ column_name }} is not null {% endif %}
{% endtest %}
