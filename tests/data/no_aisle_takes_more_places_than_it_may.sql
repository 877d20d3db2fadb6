-- Harm: a list that is meant to be mixed holds five of a kind.
{%- set per_aisle = var("max_per_l3_category") %}

{% for list in ["recommendations", "final_recommendations"] %}
    {{ "union all" if not loop.first }}
    select '{{ list }}' as list, lists.customer_id, products.aisle_number, count(*) as positions
    from {{ ref(list) }} as lists
    inner join {{ ref("product_numbers") }} as products on lists.recommended_product = products.product_id
    where lists.source <> 'pinned'
    group by lists.customer_id, products.aisle_number
    having count(*) > {{ per_aisle or var("recommendations_per_customer") }}
{% endfor %}
