-- Harm: a quantity lost or doubled between lines and basket would move clusters and suggestions without a trace.
with

    known_lines as (
        select sum(stg_invoice_lines.quantity) as quantity
        from {{ ref("stg_invoice_lines") }} as stg_invoice_lines
        inner join {{ ref("as_of") }} as as_of on stg_invoice_lines.invoice_date <= as_of.as_of_date
    ),

    baskets as (
        select coalesce(sum(cast(total_quantity as decimal(38, 4))), 0) as quantity from {{ ref("market_basket") }}
    ),

    returned_pairs as (
        select coalesce(sum(pair_quantity), 0) as quantity
        from
            (
                select customer_id, product_id, sum(net_quantity) as pair_quantity
                from {{ ref("order_quantities") }}
                group by customer_id, product_id
                having sum(net_quantity) <= 0
            ) as pairs
    )

select known_lines.quantity as lines, baskets.quantity as baskets, returned_pairs.quantity as returned
from known_lines
cross join baskets
cross join returned_pairs
where known_lines.quantity <> baskets.quantity + returned_pairs.quantity
