{#-
  The rules of ranking that more than one model uses.
-#}
{#- Score of a candidate, 0..1. Worked number: confidence 0.65, support 0.65, recency 1/11 give
    0.5 * 0.65 + 0.3 * 0.65 + 0.2 * 0.0909 = 0.5382. -#}
{% macro score(confidence, support, recency) -%}
    {{ var("confidence_weight") }} * {{ confidence }}
    + {{ var("support_weight") }} * {{ support }}
    + {{ var("recency_weight") }} * {{ recency }}
{%- endmacro %}

{#- Recency of a purchase, 0..1: 1 on the day itself, 1/11 = 0.09 ten days later, 0 when there is none. -#}
{% macro recency(days_since_purchase) -%} coalesce(1.0 / (1 + {{ days_since_purchase }}), 0.0) {%- endmacro %}

{#-
  The places of a customer, out of its candidates: rules first, then the steps of the popularity ladder, inside
  each by score; the first `recommendations_per_customer` are then ranked by score whatever their source.

  Arguments: relation (grain: customer_id, recommended_product; with ladder_step, confidence, support and the
  score columns), scores (list of column names, the deciding one first). Gives the relation's columns + rank.
-#}
{% macro fill_places(relation, scores) %}
    select *, row_number() over (partition by customer_id order by {{ by_score(scores) }}) as rank
    from
        (
            select *
            from {{ relation }}
            qualify
                row_number() over (partition by customer_id order by ladder_step, {{ by_score(scores) }})
                <= {{ var("recommendations_per_customer") }}
        ) as places
{% endmacro %}

{#- The order of candidates: no tie is left open. -#}
{% macro by_score(scores) -%}
    {% for score in scores %} {{ score }} desc, {% endfor %} confidence desc, support desc, recommended_product
{%- endmacro %}

{#- Whether a product may be shown at all: not when `never_recommend` lists it (postage, deposits, fees). -#}
{% macro may_be_shown(product_column) -%}
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

{#- Products from which on a basket counts as large, so that score_floors bounds what is looked at for it. Any number
    gives the same lists. -#}
{% macro large_basket() -%} 50 {%- endmacro %}
