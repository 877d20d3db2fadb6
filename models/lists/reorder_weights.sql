-- What was learned, and how much more or less is bought at this time of the year than on the dates that taught it.
with

    reorder_fit as (select * from {{ ref("reorder_fit") }}),

    product_histories as (select * from {{ ref("product_histories") }}),

    purchase_days as (select max(span) as oldest_span from {{ ref("purchase_days") }}),

    sales as (
        select
            cast(sum(sales_a_year_ago) filter (where cut_off = 0) as double) as sales_now,
            cast(sum(sales_a_year_ago) filter (where cut_off > 0) as double)
            / {{ learned_cut_offs() | length }} as sales_then
        from product_histories
    ),

    -- None where the data do not reach back to all of these spans.
    seasons as (
        select
            case
                when
                    purchase_days.oldest_span >= {{ learned_cut_offs() | max + spans_of_a_year() }}
                    and sales.sales_now > 0
                    and sales.sales_then > 0
                then round(ln(sales.sales_now / sales.sales_then), 9)
                else cast(0 as double)
            end as season
        from sales
        cross join purchase_days
    )

select part, name, value
from reorder_fit
union all
select 'weight' as part, 'season' as name, season as value
from seasons
