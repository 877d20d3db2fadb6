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
{% macro recency(days_since_purchase) -%} coalesce(1 / (1 + {{ days_since_purchase }}), 0) {%- endmacro %}

{#-
  The places of a customer, out of its candidates: pinned ones first, then rules, then the steps of the popularity
  ladder, inside each by score; the first `recommendations_per_customer` are then ranked, pinned ones in their order and
  the others by score whatever their source. Of one aisle only the first `max_per_l3_category` take part, and all pins.

  Arguments: relation (grain: customer_number, product_number; with ladder_step, confidence, support and the
  score columns), scores (list of column names, the deciding one first). Gives the relation's columns + rank.
-#}
{% macro fill_places(relation, scores) %}
    select
        *,
        row_number() over (partition by customer_number order by pin_place nulls last, {{ by_score(scores) }}) as rank
    from
        (
            select
                *,
                row_number() over (
                    partition by customer_number order by ladder_step, pin_place nulls last, {{ by_score(scores) }}
                ) as place
            from
                {{
                    first_of_aisles(
                        relation,
                        ["customer_number"],
                        "ladder_step, pin_place nulls last, " ~ by_score(scores),
                        kept="pin_place is not null",
                    )
                }}
        ) as ordered
    where place <= {{ var("recommendations_per_customer") }}
{% endmacro %}

{#-
  A relation with only the first `max_per_l3_category` products of each aisle, for each combination of `per`, in this order.
  That is lossless at any point: what is left fills as many places, and as well, as all of it would. `kept` says of which rows all
  stay: a rating may yet move them.
-#}
{% macro first_of_aisles(relation, per, order, product="product_number", kept="false") %}
    {% if var("max_per_l3_category") %}
        (
            select *
            from
                (
                    select
                        {{ relation }}.*,
                        row_number() over (
                            partition by {{ per | join(", ") }}, aisles.aisle_number order by {{ order }}
                        ) as place_in_aisle
                    from {{ relation }}
                    inner join
                        (select product_number as in_aisle, aisle_number from {{ ref("product_numbers") }}) as aisles
                        on {{ relation }}.{{ product }} = aisles.in_aisle
                ) as placed
            where place_in_aisle <= {{ var("max_per_l3_category") }} or {{ kept }}
        ) as first_of_aisles
    {% else %} {{ relation }}
    {% endif %}
{% endmacro %}

{#- What an override hides from whom, by the ids that people know. -#}
{% macro excluded_ids() %}
    select customers.customer_id, products.product_id
    from {{ ref("closed_pairs") }} as pairs
    inner join {{ ref("customer_numbers") }} as customers on pairs.customer_number = customers.customer_number
    inner join {{ ref("product_numbers") }} as products on pairs.product_number = products.product_number
    where pairs.why = 'excluded'
{% endmacro %}

{#- The order of candidates: no tie is left open. -#}
{% macro by_score(scores, product="product_number") -%}
    {% for score in scores %} {{ score }} desc, {% endfor %} confidence desc, support desc, {{ product }}
{%- endmacro %}

{#- Whether `never_recommend` (postage, deposits, fees) leaves a product in. -#}
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

{#- Products from which on a basket counts as large, so that score_floors bounds what is looked at for it. Any number
    gives the same lists. -#}
{% macro large_basket() -%} 50 {%- endmacro %}

{#- Whether lists come from the learned ranker instead of the founding formula. -#}
{% macro is_learned() %} {{ return(var("ranker") == "learned") }} {% endmacro %}

{#- The model whose candidates lists begin with, before the popularity ladder. -#}
{% macro ranked_candidates() %} {{ return("learned_candidates" if is_learned() else "rule_candidates") }} {% endmacro %}

{#-
  Strength beside the customer's best unrated candidate, 0..1: as likely a purchase as that one is 1, half as likely 0.5.
  Where nothing was learned there is no chance, and a deviation less in the list counts 1 / e, to 9 decimals: the last
  digits of exp() differ by engine and by machine. A rated one may be stronger
  than the best unrated; it counts as that one.
-#}
{% macro relative_score(one, best) -%}
    coalesce(
        least(
            case
                when {{ one }}.purchase_chance is null
                then cast(cast(exp({{ one }}.strength - {{ best }}.strength) as decimal(18, 9)) as double)
                when {{ best }}.chance > 0
                then {{ one }}.purchase_chance / {{ best }}.chance
            end,
            1
        ),
        1
    )
{%- endmacro %}

{#- A ratio of two counts, 0..1; 0 where there is nobody to count. -#}
{% macro share_of(part, whole) -%} coalesce({{ part }} / nullif({{ whole }}, 0), 0) {%- endmacro %}

{#- Among whom a sentence counts: a step of the popularity ladder in words. -#}
{% macro group_of_step(ladder_step) -%}
    case {{ ladder_step }} when 1 then 'cluster' when 2 then 'segment' when 3 then 'all' end
{%- endmacro %}
