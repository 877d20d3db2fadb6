-- The lists of all methods, of the customers who bought something new in the window.
with

    later_purchases as (select distinct customer_number from {{ ref("later_purchases") }}),

    formula_places as (select * from {{ ref("formula_places") }}),

    peer_lists as (select * from {{ ref("peer_lists") }}),

    {% if is_learned() %}
        customers as (select customer_id, customer_number from {{ ref("customer_numbers") }}),

        products as (select product_id, product_number from {{ ref("product_numbers") }}),

        learned_places as (
            select customers.customer_number, products.product_number, recommendations.rank
            from {{ ref("recommendations") }} as recommendations
            inner join customers on recommendations.customer_id = customers.customer_id
            inner join products on recommendations.recommended_product = products.product_id
        ),
    {% endif %}

    lists as (
        select 'formula' as method, customer_number, product_number, rank
        from formula_places
        union all
        {% if is_learned() %}
            select 'learned' as method, customer_number, product_number, rank
            from learned_places
            union all
        {% endif %}
        select method, customer_number, product_number, rank
        from peer_lists
    )

select lists.method, lists.customer_number, lists.product_number, lists.rank
from lists
semi join later_purchases on lists.customer_number = later_purchases.customer_number
