{#- The rules of ranking that more than one model uses. -#}
{#- SQL of a candidate's score, 0 to 1. By default confidence 0.65, support 0.65 and recency 1/11 give 0.5 * 0.65 + 0.3
    * 0.65 + 0.2 * 0.0909 = 0.5382. -#}
{% macro score(confidence, support, recency) -%}
    {{ var("confidence_weight") }} * {{ confidence }}
    + {{ var("support_weight") }} * {{ support }}
    + {{ var("recency_weight") }} * {{ recency }}
{%- endmacro %}

{#- SQL of the recency of a purchase, 0 to 1. 0 days give 1, 10 days give 1/11 = 0.0909, null gives 0. -#}
{% macro recency(days_since_purchase) -%} coalesce(1 / (1 + {{ days_since_purchase }}), 0) {%- endmacro %}

{#- SQL of the order of candidates, for an order by; `product` is the column that settles ties. It leaves none
    open. -#}
{% macro by_score(product="product_number") -%} score desc, confidence desc, support desc, {{ product }} {%- endmacro %}

{#- SQL of a product's position among those of its aisle (the column aisle_number), in this order, for each combination
    of the columns `per`; 1 where max_per_l3_category is 0. Leaving out what stands behind positions_in_aisle() is lossless
    at any point: what is left fills as many positions, and as well, as all of it would. -#}
{% macro position_in_aisle(per, order) -%}
    {% if var("max_per_l3_category") %} row_number() over (partition by {{ per }}, aisle_number order by {{ order }})
    {% else %} cast(1 as bigint)
    {% endif %}
{%- endmacro %}

{#- The last position_in_aisle that takes part in a list: max_per_l3_category, or 1 where that is 0. -#}
{% macro positions_in_aisle() %} {{ return(var("max_per_l3_category") or 1) }} {% endmacro %}

{#- Days that purchase_chance is about; LEARNING_HORIZON_DAYS of ipre/ranker/training.py says the same to Python. -#}
{% macro learning_horizon_days() %} {{ return(56) }} {% endmacro %}

{#- The last day of the newest month that is over on a day. -#}
{% macro end_of_last_month(day) -%} cast(date_trunc('month', {{ day }} + 1) as date) - 1 {%- endmacro %}

{#- Whether lists come from the learned ranker (`ranker: learned`) instead of the founding formula. -#}
{% macro is_learned() %} {{ return(var("ranker") == "learned") }} {% endmacro %}

{#- The models of ranked candidates of this run, ranker -> model, first that of the lists shown. A back-test compares
    with the formula. -#}
{% macro ranked_candidates() %}
    {% set formula, learned = {"formula": "rule_candidates"}, {"learned": "learned_candidates"} %}
    {% if is_learned() and is_evaluated() %} {{ return(dict(learned, **formula)) }} {% endif %}
    {{ return(learned if is_learned() else formula) }}
{% endmacro %}

{#- SQL of a ratio of two counts: 3 of 12 gives 0.25, 0 of 0 gives 0. -#}
{% macro share_of(part, whole) -%} coalesce({{ part }} / nullif({{ whole }}, 0), 0) {%- endmacro %}

{#- SQL of a step of the comparison in words: 1 gives 'cluster', 2 'segment', 3 'all'. -#}
{% macro group_of_step(group_step) -%}
    case {{ group_step }} when 1 then 'cluster' when 2 then 'segment' when 3 then 'all' end
{%- endmacro %}

{#- SQL of the columns of all candidates, of what a rule of the cluster leads to. Reads the columns of the rule, score,
    recency, customer_number, product_number and trigger_number. is_target_only: as in recommendation_candidates. -#}
{% macro columns_of_rule_candidates(is_target_only) -%}
    'formula' as ranker,
    customer_number,
    product_number,
    trigger_number,
    0 as group_step,
    cast(null as bigint) as pin_position,
    customers_with_both as supporting_customers,
    customers_with_a as base_customers,
    score,
    support,
    confidence,
    recency,
    'bought_together' as evidence,
    'cluster' as compared_with,
    cast(null as double) as purchase_chance,
    {{ is_target_only }} as is_target_only
{%- endmacro %}
