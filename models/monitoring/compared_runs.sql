with

    current_lists as (select as_of_date from {{ ref("final_recommendations") }}),

    previous_lists as (select as_of_date from {{ source("published", "published_recommendations") }}),

    published_run as (select * from {{ source("published", "published_run") }}),

    current_days as (select max(as_of_date) as as_of_date from current_lists),

    previous_days as (select max(as_of_date) as previous_as_of_date from previous_lists)

select
    published_run.run_id as previous_run_id,
    published_run.changed_parameters,
    published_run.changed_version,
    published_run.is_complete,
    previous_days.previous_as_of_date,
    current_days.as_of_date
from published_run
cross join previous_days
cross join current_days
where previous_days.previous_as_of_date is not null
