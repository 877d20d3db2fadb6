{#-
  The rules of ranking that more than one model uses.
-#}
{% macro score(confidence, support, recency) -%}
    {{ var("confidence_weight") }} * {{ confidence }}
    + {{ var("support_weight") }} * {{ support }}
    + {{ var("recency_weight") }} * {{ recency }}
{%- endmacro %}

{% macro recency(days_since_purchase) -%} coalesce(1 / (1 + {{ days_since_purchase }}), 0) {%- endmacro %}

{% macro by_score(product="product_number") -%} score desc, confidence desc, support desc, {{ product }} {%- endmacro %}

{#- Leaving out what stands behind places_in_aisle() is lossless at any point: what is left fills as many places, and as
    well, as all of it would. -#}
{% macro place_in_aisle(per, order) -%}
    {% if var("max_per_l3_category") %} row_number() over (partition by {{ per }}, aisle_number order by {{ order }})
    {% else %} cast(1 as bigint)
    {% endif %}
{%- endmacro %}

{% macro places_in_aisle() %} {{ return(var("max_per_l3_category") or 1) }} {% endmacro %}

{#- Days that purchase_chance is about; LEARNING_HORIZON_DAYS of ipre/ranker/training.py says the same to Python. -#}
{% macro learning_horizon_days() %} {{ return(56) }} {% endmacro %}

{#- The last day of the newest month that is over on a day. -#}
{% macro end_of_last_month(day) -%} cast(date_trunc('month', {{ day }} + 1) as date) - 1 {%- endmacro %}

{% macro is_learned() %} {{ return(var("ranker") == "learned") }} {% endmacro %}

{#- A back-test compares with the formula. -#}
{% macro ranked_candidates() %}
    {% set formula, learned = {"formula": "rule_candidates"}, {"learned": "learned_candidates"} %}
    {% if is_learned() and is_evaluated() %} {{ return(dict(learned, **formula)) }} {% endif %}
    {{ return(learned if is_learned() else formula) }}
{% endmacro %}

{% macro share_of(part, whole) -%} coalesce({{ part }} / nullif({{ whole }}, 0), 0) {%- endmacro %}

{% macro group_of_step(ladder_step) -%}
    case {{ ladder_step }} when 1 then 'cluster' when 2 then 'segment' when 3 then 'all' end
{%- endmacro %}

{% macro is_recommendable(product_column) -%}
    {% set excluded = var("never_recommend") %}
    {% if excluded %}
        {{ product_column }} not in (
            {% for product_id in excluded %}
                {{ clean_id(sql_literal(product_id)) }}{{ "," if not loop.last }}
            {% endfor %}
        )
    {% else %} true
    {% endif %}
{%- endmacro %}
