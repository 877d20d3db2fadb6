-- Harm: a customer who was to be shown nothing is shown something, and the comparison is worth nothing.
{{ config(enabled=var("holdout_share") != 0) }}

with

    shown as (
        {% for model in ["recommendations", "final_recommendations"] %}
            select '{{ model }}' as shown_in, customer_id
            from {{ ref(model) }}
            union all
        {% endfor %}
        select 'shown_ledger' as shown_in, customer_id
        from {{ ref("shown_ledger") }}
        where ended_on is null
    ),

    held_out as (select customer_id from {{ ref("customer_numbers") }} where is_held_out)

select shown.*
from shown
semi join held_out using (customer_id)
