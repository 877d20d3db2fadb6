-- Harm: a quantity lost or doubled between lines and basket would move clusters and suggestions without a trace.
with

    known_lines as (
        select stg_invoice_lines.customer_id, stg_invoice_lines.product_id, stg_invoice_lines.quantity
        from {{ ref("stg_invoice_lines") }} as stg_invoice_lines
        inner join {{ ref("as_of") }} as as_of on stg_invoice_lines.invoice_date <= as_of.as_of_date
    ),

    baskets as (
        select coalesce(sum(cast(total_quantity as decimal(38, 4))), 0) as quantity from {{ ref("market_basket") }}
    ),

    pairs_without_basket as (
        select known_lines.customer_id, known_lines.product_id, sum(known_lines.quantity) as quantity
        from known_lines
        anti join
            {{ ref("market_basket") }} as market_basket
            on known_lines.customer_id = market_basket.customer_id
            and known_lines.product_id = market_basket.product_id
        group by known_lines.customer_id, known_lines.product_id
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
