with

    figures as (select * from {{ ref("figures_now") }}),

    published_figures as (select figure, value, new_date from {{ source("published", "published_figures") }}),

    published_run as (select * from {{ source("published", "published_run") }}),

    any_published as (select count(*) as published_figures from published_figures),

    measured as (
        select
            figures.*,
            published_run.run_id as previous_run_id,
            published_figures.value as previous_value,
            published_figures.new_date as previous_date,
            case
                figures.kind
                when 'date'
                then cast({{ days_between("published_figures.new_date", "figures.new_date") }} as double)
                when 'step'
                then figures.value
                when 'share'
                then figures.value - published_figures.value
                when 'days'
                then figures.value - published_figures.value
                else figures.value / nullif(published_figures.value, 0) - 1
            end as change,
            case
                when published_run.run_id is null
                then 'nothing was published before'
                when published_run.changed_data is not null
                then published_run.changed_data
                when published_run.changed_as_of_date is not null and not figures.is_of_the_input
                then published_run.changed_as_of_date
                when
                    published_run.changed_parameters is not null
                    and (
                        not figures.is_of_the_input or contains(published_run.changed_parameters, 'max_future_days was')
                    )
                then published_run.changed_parameters
                when published_run.changed_version is not null and not figures.is_of_the_input
                then published_run.changed_version
                when any_published.published_figures = 0
                then 'the version that built the published run had no figures'
                when figures.kind <> 'step' and published_figures.value is null and published_figures.new_date is null
                then 'the version that built the published run had no such figure'
            end as not_compared_because
        from figures
        cross join any_published
        left join published_run on true
        left join published_figures on figures.figure = published_figures.figure
    ),

    judged as (
        select
            *,
            not_compared_because is null as is_compared,
            case when change < 0 then falls_by when change >= 0 then rises_by end as parameter,
            case when change < 0 then lowest_change when change >= 0 then highest_change end as allowed_change,
            coalesce(change < lowest_change or change > highest_change, false) as is_beyond,
            -- A handful is no jump, whatever share it is of little.
            coalesce(
                abs(change) * case when kind = 'count' then previous_value else things end < {{ var("min_jump") }},
                false
            ) as is_small
        from measured
    )

select
    '{{ invocation_id }}' as run_id,
    previous_run_id,
    figure,
    kind,
    detail,
    parameter,
    not_compared_because,
    is_compared,
    not (is_compared and is_beyond and not is_small) as is_within_limit,
    {{ accepts_jumps() }} as is_accepted,
    cast(place as integer) as place,
    previous_value,
    value,
    change,
    allowed_change,
    previous_date,
    new_date
from judged
