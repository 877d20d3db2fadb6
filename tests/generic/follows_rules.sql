{#-
  Every row follows every named rule: an SQL condition by its name. A condition that comes out null counts as broken, so that a
  column that may be null says so (`x is null or x > 0`), and NaN is above every number. One scan judges all rules of a table; of a row that breaks several
  the first is named, in the column broken_rule. Run end tells rule and row.
-#}
{% test follows_rules(model, rules) %}
    select *
    from
        (
            select
                case
                    {% for name, rule in rules.items() %}
                        when not coalesce({{ rule }}, false) then '{{ name }}'
                    {% endfor %}
                end as broken_rule,
                *
            from {{ model }}
        ) as judged
    where broken_rule is not null
{% endtest %}
