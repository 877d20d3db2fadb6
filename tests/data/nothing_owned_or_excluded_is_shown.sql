-- Harm: the quickest way to lose an account manager's trust is an offer of what the customer has, or of what somebody
-- decided that this customer must not be shown. What is bought again is owned, but never excluded.
{% for list, product in {
    "recommendation_candidates": "recommended_product",
    "recommendations": "recommended_product",
    "final_recommendations": "recommended_product",
    "reorders_due": "product_id",
    "lost_products": "product_id",
    "product_targets": "product_id",
}.items() if list != "product_targets" or var("targets_per_product") %}
    {{ "union all" if not loop.first }}
    select '{{ list }}' as list, lists.customer_id, lists.{{ product }} as product_id
    from {{ ref(list) }} as lists
    inner join {{ ref("customer_numbers") }} as customers on lists.customer_id = customers.customer_id
    inner join {{ ref("product_numbers") }} as products on lists.{{ product }} = products.product_id
    left join
        {{ ref("closed_pairs") }} as closed_pairs
        on closed_pairs.why = 'excluded'
        and customers.customer_number = closed_pairs.customer_number
        and products.product_number = closed_pairs.product_number
    left join
        {{ ref("market_basket") }} as owned
        on lists.customer_id = owned.customer_id
        and lists.{{ product }} = owned.product_id
    where
        closed_pairs.product_number is not null or not products.may_be_shown
        {% if product == "recommended_product" %} or owned.product_id is not null {% endif %}
{% endfor %}
