{%- set key = ["as_of_date", "evaluation_days", "method", "measure"] -%}

with

    {% if is_evaluated() %}
        as_of as (select as_of_date from {{ ref("as_of") }}),

        measured_now as (
            select
                measured.*,
                as_of.as_of_date,
                cast({{ var("evaluation_days") }} as integer) as evaluation_days,
                '{{ invocation_id }}' as run_id
            from {{ ref("measured_now") }} as measured
            cross join as_of
        ),
    {% endif %}

    published_run as (select changed_data from {{ source("published", "published_run") }}),

    -- What earlier runs measured on data of this kind stays.
    measured_before as (
        select published_backtest.*
        from {{ source("published", "published_backtest") }} as published_backtest
        cross join published_run
        where published_run.changed_data is null
    ),

    measured as (
        select {{ backtest_columns() | join(", ") }}
        from measured_before
        {% if is_evaluated() %}
            anti join
                measured_now
                on {% for column in key %}
                    measured_before.{{ column }} = measured_now.{{ column }} {{ "and" if not loop.last }}
                {% endfor %}
            union all
            select {{ backtest_columns() | join(", ") }}
            from measured_now
        {% endif %}
    )

select *
from measured
