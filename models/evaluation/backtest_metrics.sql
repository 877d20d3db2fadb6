-- Would the lists of that day have worked? What earlier runs measured on data of this kind stays.
{%- set key = ["as_of_date", "evaluation_days", "measure", "method"] %}
{%- set values = ["value", "difference_to_formula", "difference_to_learned", "difference_to_chance"] %}
{%- set columns = key.copy() %}
{%- for value in values %} {%- do columns.extend([value, value ~ "_low", value ~ "_high"]) %} {%- endfor %}
{%- do columns.extend(["customers", "run_id"]) %}

with

    {% if is_evaluated() %}
        as_of as (select as_of_date from {{ ref("as_of") }}),

        customer_measures as (select * from {{ ref("customer_measures") }}),

        compared_lists as (select * from {{ ref("compared_lists") }}),

        sold as (select product_number from {{ ref("popularity") }} where group_step = 3 and buyers > 0),

        measures as (
            {% for measure in ["ndcg", "hit_rate", "precision", "recall", "average_precision", "mean_popularity"] %}
                select method, customer_number, '{{ measure }}' as measure, {{ measure }} as value
                from customer_measures {{ "union all" if not loop.last }}
            {% endfor %}
        ),

        -- Beside what the two rankers reach for the same customer.
        compared as (
            select
                measures.method,
                measures.measure,
                measures.value,
                measures.value - formula.value as difference_to_formula,
                measures.value - learned.value as difference_to_learned,
                cast(null as double) as difference_to_chance
            from measures
            {% for ranker in ["formula", "learned"] %}
                left join
                    measures as {{ ranker }}
                    on measures.customer_number = {{ ranker }}.customer_number
                    and measures.measure = {{ ranker }}.measure
                    and {{ ranker }}.method = '{{ ranker }}'
            {% endfor %}
        ),

        means as (
            select
                measure,
                method,
                count(value) as customers,
                {% for value in values %}
                    {{ mean_of(value) }} as {{ value }},
                    {{ mean_of(value) }} - {{ margin_of(value) }} as {{ value }}_low,
                    {{ mean_of(value) }} + {{ margin_of(value) }} as {{ value }}_high {{ "," if not loop.last }}
                {% endfor %}
            from compared
            group by measure, method
        ),

        shown as (
            select compared_lists.method, count(distinct compared_lists.product_number) as products
            from compared_lists
            semi join sold using (product_number)
            group by compared_lists.method
        ),

        -- A share of the catalogue is no mean over customers: it has no intervals.
        catalogue as (
            select
                'catalogue_share' as measure,
                shown.method,
                (select max(means.customers) from means) as customers,
                shown.products / nullif(catalogue.products, 0) as value,
                null as value_low,
                null as value_high,
                (shown.products - formula.products) / nullif(catalogue.products, 0) as difference_to_formula,
                null as difference_to_formula_low,
                null as difference_to_formula_high,
                (shown.products - learned.products) / nullif(catalogue.products, 0) as difference_to_learned,
                null as difference_to_learned_low,
                null as difference_to_learned_high,
                null as difference_to_chance,
                null as difference_to_chance_low,
                null as difference_to_chance_high
            from shown
            left join shown as formula on formula.method = 'formula'
            left join shown as learned on learned.method = 'learned'
            cross join (select count(*) as products from sold) as catalogue
        ),

        -- What Python does not know is NaN on Spark, and null on DuckDB.
        reorders as (
            select
                measure,
                method,
                customers,
                {% for value in values %}
                    {% for column in [value, value ~ "_low", value ~ "_high"] %}
                        {% if value in ["value", "difference_to_chance"] %} nullif({{ column }}, cast('NaN' as double))
                        {% else %} null
                        {% endif %} as {{ column }}{{ "," if not loop.last }}
                    {% endfor %}
                    {{ "," if not loop.last }}
                {% endfor %}
            from {{ ref("reorder_measures") }}
        ),

        measured_now as (
            select
                as_of.as_of_date,
                cast({{ var("evaluation_days") }} as integer) as evaluation_days,
                measured.*,
                '{{ invocation_id }}' as run_id
            from
                (
                    select *
                    from means
                    union all
                    select *
                    from catalogue
                    union all
                    select *
                    from reorders
                ) as measured
            cross join as_of
        ),
    {% endif %}
    published_run as (select changed_data from {{ source("published", "published_run") }}),

    measured_before as (
        select published_backtest.*
        from {{ source("published", "published_backtest") }} as published_backtest
        cross join published_run
        where published_run.changed_data is null
    )

select {{ columns | join(", ") }}
from measured_before
{% if is_evaluated() %}
    anti join
        measured_now
        on {% for column in key %}
            measured_before.{{ column }} = measured_now.{{ column }} {{ "and" if not loop.last }}
        {% endfor %}
    union all
    select {{ columns | join(", ") }}
    from measured_now
{% endif %}
