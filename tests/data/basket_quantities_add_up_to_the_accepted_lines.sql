-- Harm: a quantity lost or doubled between lines and basket would move clusters and suggestions without a trace.
with

    known_lines as (
        select customer_id, product_id, quantity
        from {{ ref("stg_invoice_lines") }}
        inner join {{ ref("as_of") }} on invoice_date <= as_of_date
    ),

    baskets as (
        select coalesce(sum(cast(total_quantity as decimal(38, 4))), 0) as quantity from {{ ref("market_basket") }}
    ),

    pairs_without_basket as (
        select customer_id, product_id, sum(quantity) as quantity
        from known_lines
        anti join {{ ref("market_basket") }} using (customer_id, product_id)
        group by customer_id, product_id
    )

select 'customer ' || customer_id || ' kept ' || product_id || ' but has no basket of it' as what_is_wrong
from pairs_without_basket
where quantity > 0
union all
select lines.quantity || ' in lines, ' || baskets.quantity || ' in baskets, ' || returned.quantity || ' returned'
from (select coalesce(sum(quantity), 0) as quantity from known_lines) as lines
cross join baskets
cross join (select coalesce(sum(quantity), 0) as quantity from pairs_without_basket) as returned
where lines.quantity <> baskets.quantity + returned.quantity
