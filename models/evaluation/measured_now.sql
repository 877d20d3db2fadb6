{%- set rankers = ["formula", "learned"] -%}

-- What this run measures, beside what the two rankers reach for the same customers.
with

    customer_measures as (select * from {{ ref("customer_measures") }}),

    compared_lists as (select * from {{ ref("compared_lists") }}),

    popularity as (select product_number from {{ ref("popularity") }} where ladder_step = 3 and buyers > 0),

    measures as (
        {% for measure in customer_measures() %}
            select method, customer_number, '{{ measure }}' as measure, {{ measure }} as value
            from customer_measures {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    compared as (
        select
            {% for ranker in rankers %} measures.value - {{ ranker }}.value as to_{{ ranker }}, {% endfor %}
            measures.method,
            measures.measure,
            measures.value
        from measures
        {% for ranker in rankers %}
            left join
                measures as {{ ranker }}
                on measures.customer_number = {{ ranker }}.customer_number
                and measures.measure = {{ ranker }}.measure
                and {{ ranker }}.method = '{{ ranker }}'
        {% endfor %}
    ),

    means as (
        select
            method,
            measure,
            {% for column in ["value", "to_formula", "to_learned"] %}
                count({{ column }}) as {{ column }}_count,
                {{ mean_of(column) }} as {{ column }},
                {{ mean_of(column ~ " * " ~ column) }} as {{ column }}_squares {{ "," if not loop.last }}
            {% endfor %}
        from compared
        group by method, measure
    ),

    shown as (
        select compared_lists.method, count(distinct compared_lists.product_number) as products
        from compared_lists
        semi join popularity on compared_lists.product_number = popularity.product_number
        group by compared_lists.method
    ),

    sold as (select count(*) as products from popularity),

    -- A share of the catalogue is no mean over customers: its intervals are null.
    catalogue as (
        select
            shown.method,
            'catalogue_share' as measure,
            (select max(value_count) from means) as value_count,
            shown.products / nullif(sold.products, 0) as value,
            {% for ranker in rankers %}
                (shown.products - {{ ranker }}.products) / nullif(sold.products, 0) as to_{{ ranker }}
                {{ "," if not loop.last }}
            {% endfor %}
        from shown
        {% for ranker in rankers %} left join shown as {{ ranker }} on {{ ranker }}.method = '{{ ranker }}' {% endfor %}
        cross join sold
    ),

    with_margins as (
        select
            {% for column in ["value", "to_formula", "to_learned"] %}
                {{ column }}, {{ margin(column, column ~ "_squares", column ~ "_count") }} as {{ column }}_margin,
            {% endfor %}
            method,
            measure,
            value_count as customers
        from means
        union all
        select
            {% for column in ["value", "to_formula", "to_learned"] %}
                {{ column }}, cast(null as double) as {{ column }}_margin,
            {% endfor %}
            method,
            measure,
            value_count as customers
        from catalogue
    )

select
    method,
    measure,
    customers,
    value,
    value - value_margin as value_low,
    value + value_margin as value_high,
    {% for ranker in rankers %}
        to_{{ ranker }} as difference_to_{{ ranker }},
        to_{{ ranker }} - to_{{ ranker }}_margin as difference_to_{{ ranker }}_low,
        to_{{ ranker }} + to_{{ ranker }}_margin as difference_to_{{ ranker }}_high {{ "," if not loop.last }}
    {% endfor %}
from with_margins
