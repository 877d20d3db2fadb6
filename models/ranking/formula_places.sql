-- The founding formula's lists before ratings, whichever ranker's are shown: what a back-test measures others by.
with

    {% if is_learned() %}
        candidates as (
            {% for relation, step in [("rule_candidates", "0"), ("formula_popularity", "ladder_step")] %}
                {{ "union all" if not loop.first }}
                select
                    customer_number,
                    product_number,
                    {{ step }} as ladder_step,
                    cast(null as bigint) as pin_place,
                    score,
                    confidence,
                    support
                from {{ ref(relation) }}
            {% endfor %}
        ),
    {% else %} candidates as (select * from {{ ref("recommendation_candidates") }} where pin_place is null),
    {% endif %}

    places as ({{ fill_places("candidates", ["score"]) }})

select customer_number, product_number, cast(rank as integer) as rank
from places
