-- What was learned, and how much more or less is bought at this time of the year than on the dates that taught it.
{%- set year = spans_of_a_year() %}

with

    reorder_fit as (select * from {{ ref("reorder_fit") }}),

    purchase_days as (select * from {{ ref("purchase_days") }}),

    first_spans as (select customer_number, max(span) as first_span from purchase_days group by customer_number),

    -- Only customers who had bought before: new ones do not reorder.
    purchases as (
        select purchase_days.span, cast(count(*) as double) as purchases
        from purchase_days
        inner join first_spans using (customer_number)
        where first_spans.first_span > purchase_days.span
        group by purchase_days.span
    ),

    customers as (select span, count(distinct customer_number) as customers from purchase_days group by span),

    -- For each customer of the span before, so that a company that grows has no season of it.
    rates as (
        select purchases.span - {{ year - 1 }} as cut_off, purchases.purchases / customers.customers as rate
        from purchases
        inner join customers on purchases.span + 1 = customers.span
    ),

    -- None where the data do not reach back to all of these spans.
    seasons as (
        select
            case
                when count(*) = {{ 1 + learned_cut_offs() | length }}
                then ln(max(rate) filter (where cut_off = 0) / avg(rate) filter (where cut_off > 0))
                else 0
            end as season
        from rates
        where cut_off in ({{ ([0] + learned_cut_offs()) | join(", ") }})
    )

select part, name, value
from reorder_fit
union all
select 'weight' as part, 'season' as name, round(season, 9) as value
from seasons
