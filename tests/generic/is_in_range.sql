{#-
  Every value lies in the range: at_least and at_most belong to it, above does not. NaN lies in none, and null only where
  may_be_null says that it has a meaning.
-#}
{% test is_in_range(model, column_name, at_least=none, at_most=none, above=none, may_be_null=false) %}
    select {{ column_name }}
    from {{ model }}
    where
        {% if may_be_null %} {{ column_name }} is not null and
        {% else %} {{ column_name }} is null or
        {% endif %}
        not (
            not isnan(cast({{ column_name }} as double))
            {% if at_least is not none %} and {{ column_name }} >= {{ at_least }} {% endif %}
            {% if at_most is not none %} and {{ column_name }} <= {{ at_most }} {% endif %}
            {% if above is not none %} and {{ column_name }} > {{ above }} {% endif %}
        )
{% endtest %}
