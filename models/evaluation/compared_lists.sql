-- The lists of all methods, of the customers who bought something new in the window.
with

    later_purchases as (select distinct customer_number from {{ ref("later_purchases") }} where is_new),

    list_positions as (select * from {{ ref("list_positions") }}),

    lists as (
        select 'formula' as method, customer_number, product_number, rank
        from list_positions
        where list_name = 'formula'
        union all
        select 'learned' as method, customer_number, product_number, rank
        from list_positions
        where list_name = 'before_feedback' and {{ is_learned() }}
        union all
        select method, customer_number, product_number, rank
        from {{ ref("peer_lists") }}
    )

select lists.method, lists.customer_number, lists.product_number, lists.rank
from lists
semi join later_purchases using (customer_number)
