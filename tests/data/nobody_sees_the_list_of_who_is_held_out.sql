-- Harm: a customer who was to be shown nothing is shown something, and the comparison is worth nothing.
{{ config(enabled=var("holdout_share") != 0) }}

{% for model in ["recommendations", "final_recommendations"] %}
    {{ "union all" if not loop.first }}
    select '{{ model }}' as shown_in, shown.customer_id
    from {{ ref(model) }} as shown
    inner join {{ ref("held_out_customers") }} as held_out on shown.customer_id = held_out.customer_id
{% endfor %}
union all
select 'shown_ledger' as shown_in, shown.customer_id
from {{ ref("shown_ledger") }} as shown
inner join {{ ref("held_out_customers") }} as held_out on shown.customer_id = held_out.customer_id
where shown.ended_on is null
