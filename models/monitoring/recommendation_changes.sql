with change_facts as (select * from {{ ref("change_facts") }})

select
    '{{ invocation_id }}' as run_id,
    previous_run_id,
    customer_id,
    recommended_product,
    product_name,
    change,
    case
        {% for condition, reason in reasons() %} when {{ condition }} then {{ told_reason(reason) }} {% endfor %}
    end as why,
    triggered_by,
    previous_triggered_by,
    rating,
    previous_rating,
    rank,
    previous_rank,
    score,
    previous_score,
    score_difference
from change_facts
