-- Harm: the quickest way to lose an account manager's trust.
{% for model in ["recommendation_candidates", "recommendations", "final_recommendations"] %}
    {{ "union all" if not loop.first }}
    select '{{ model }}' as shown_in, shown.customer_id, shown.recommended_product
    from {{ ref(model) }} as shown
    inner join
        {{ ref("market_basket") }} as market_basket
        on shown.customer_id = market_basket.customer_id
        and shown.recommended_product = market_basket.product_id
{% endfor %}
