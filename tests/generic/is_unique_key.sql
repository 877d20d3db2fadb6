{#- No two rows share the named columns: the proof of the grain that a description's first sentence gives. -#}
{% test is_unique_key(model, columns) %}
select {{ columns | join(", ") }}, count(*) as rows_with_this_key
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1
{% endtest %}
