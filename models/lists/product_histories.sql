-- How a product was bought, as it was known on the as-of date and on the earlier dates that chances are learned from.
{%- set cut_offs = [0] + learned_cut_offs() %}

with

    purchase_days as (select * from {{ ref("purchase_days") }}),

    pairs as (
        select
            product_number,
            {% for cut_off in cut_offs %}
                count(*) filter (where span >= {{ cut_off }}) as purchases_{{ cut_off }} {{- "," if not loop.last }}
            {% endfor %}
        from purchase_days
        group by customer_number, product_number
    ),

    buyers as (
        {% for cut_off in cut_offs %}
            select
                {{ cut_off }} as cut_off,
                product_number,
                count(*) as buyers,
                count(*) filter (where purchases_{{ cut_off }} > 1) / count(*) as repeat_share
            from pairs
            where purchases_{{ cut_off }} > 0
            group by product_number {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    sales as (
        {% for cut_off in cut_offs %}
            select
                {{ cut_off }} as cut_off,
                product_number,
                min(days_ago) - {{ call_horizon_days() * cut_off }} as days_since_anybody_bought,
                count(*) filter (where span = {{ cut_off }}) as sales_lately,
                -- In the span that was to come then, a year before.
                count(*) filter (where span = {{ cut_off + spans_of_a_year() - 1 }}) as sales_a_year_ago
            from purchase_days
            where span >= {{ cut_off }}
            group by product_number {{ "union all" if not loop.last }}
        {% endfor %}
    )

select
    buyers.cut_off,
    buyers.product_number,
    buyers.buyers,
    buyers.repeat_share,
    sales.days_since_anybody_bought,
    sales.sales_lately,
    sales.sales_a_year_ago
from buyers
inner join sales on buyers.cut_off = sales.cut_off and buyers.product_number = sales.product_number
