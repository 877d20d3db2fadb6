{% set outcomes = [
    "bought_a_listed_product",
    "listed_products_bought",
    "value_of_listed_products",
    "new_products",
    "turnover",
] %}
{% if var("holdout_share") != 0 %}
    with

        customer_values as (select * from {{ ref("uplift_values") }}),

        outcomes as (
            {% for outcome in outcomes %}
                {{ "union all" if not loop.first }}
                -- Decimals of this size can be squared and added.
                select
                    '{{ outcome }}' as outcome,
                    {{ loop.index }} as place,
                    period,
                    is_held_out,
                    from_day,
                    until_day,
                    try_cast({{ outcome }} as decimal(16, 2)) as value
                from customer_values
            {% endfor %}
        ),

        sums as (
            select
                outcome,
                place,
                period,
                from_day,
                until_day,
                {% for group, condition in {"shown": "not is_held_out", "held_out": "is_held_out"}.items() %}
                    count(value) filter (where {{ condition }}) as {{ group }}_customers,
                    cast(sum(value) filter (where {{ condition }}) as double) as {{ group }}_sum,
                    cast(sum(value * value) filter (where {{ condition }}) as double) as {{ group }}_squares
                    {{ "," if not loop.last }}
                {% endfor %}
            from outcomes
            group by outcome, place, period, from_day, until_day
        ),

        moments as (
            select
                *,
                {% for group in ["shown", "held_out"] %}
                    {{ group }}_sum / nullif({{ group }}_customers, 0) as {{ group }}_mean,
                    case
                        when {{ group }}_customers > 1
                        then
                            greatest({{ group }}_squares - {{ group }}_sum * {{ group }}_sum / {{ group }}_customers, 0)
                            / ({{ group }}_customers - 1)
                    end as {{ group }}_variance
                    {{ "," if not loop.last }}
                {% endfor %}
            from sums
        ),

        compared as (
            select
                *,
                shown_mean - held_out_mean as difference,
                sqrt(
                    shown_variance / nullif(shown_customers, 0) + held_out_variance / nullif(held_out_customers, 0)
                ) as standard_error
            from moments
        )

    select
        outcome,
        period,
        difference,
        difference - cast(1.96 as double) * standard_error as difference_low,
        difference + cast(1.96 as double) * standard_error as difference_high,
        -- 1.96 + 0.84: seen as different from 0 in four of five such hold-outs.
        cast(2.8 as double) * standard_error as smallest_visible_difference,
        shown_mean,
        held_out_mean,
        shown_customers,
        held_out_customers,
        shown_variance,
        held_out_variance,
        from_day + 1 as first_day,
        until_day as last_day,
        cast(place as integer) as place
    from compared
{% else %} {{ get_empty_schema_sql(model.columns) }} limit 0
{% endif %}
