-- Harm: "this customer bought Claw Hammer 10 days ago" must be true, or nobody says it aloud twice.
{% for model in ["recommendation_candidates", "recommendations", "final_recommendations"] %}
    {{ "union all" if not loop.first }}
    select '{{ model }}' as shown_in, shown.customer_id, shown.triggered_by
    from {{ ref(model) }} as shown
    left join
        {{ ref("market_basket") }} as market_basket
        on shown.customer_id = market_basket.customer_id
        and shown.triggered_by = market_basket.product_id
    where
        shown.triggered_by is not null
        and (market_basket.product_id is null or shown.recency <> 1 / (1 + market_basket.days_since_last_purchase))
{% endfor %}
