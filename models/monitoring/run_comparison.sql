-- Two limits that nobody can set well: after a longer pause than so many days the first build has to be accepted, and a
-- handful of rows, customers, clusters, rules or places is no jump, whatever share it is of little.
{% set max_days_ahead, min_jump = 45, 10 %}
{% set factor = "cast(" ~ var("max_rules_factor") ~ " as double)" %}
with

    published_run as (select * from {{ source("published", "published_run") }}),

    -- What the log says of it.
    last_run as (
        select runs.*
        from {{ source("run_log", "build_runs") }} as runs
        inner join published_run on runs.run_id = published_run.run_id
    ),

    last_rows as (
        select rows_read.input_table, rows_read.rows_accepted
        from {{ source("run_log", "build_run_rows") }} as rows_read
        inner join published_run on rows_read.run_id = published_run.run_id
    ),

    customers as (select customer_id from {{ ref("stg_customers") }}),

    products as (select product_id from {{ ref("stg_products") }}),

    invoices as (select invoice_date from {{ ref("stg_invoice_lines") }}),

    feedback as (select customer_id from {{ ref("stg_feedback") }}),

    clusters as (select cluster_id from {{ ref("cluster_profiles") }}),

    rules as (select product_a from {{ ref("associations") }}),

    lists as (select customer_id, recommended_product from {{ ref("final_recommendations") }}),

    published_lists as (
        select customer_id, recommended_product from {{ source("published", "published_recommendations") }}
    ),

    published_customers as (select distinct customer_id from published_lists),

    missing as (
        select count(*) as things, count(*) filter (where customers.customer_id is null) as found
        from published_customers
        left join customers on published_customers.customer_id = customers.customer_id
    ),

    -- Only of customers who had a list: that of a new customer is new as a whole.
    changed as (
        select count(*) as things, count(*) filter (where published_lists.customer_id is null) as found
        from lists
        semi join published_customers on lists.customer_id = published_customers.customer_id
        left join
            published_lists
            on lists.customer_id = published_lists.customer_id
            and lists.recommended_product = published_lists.recommended_product
    ),

    counts as (
        {% for table in ["customers", "products", "invoices", "feedback", "clusters", "rules"] %}
            {{ "union all" if not loop.first }} select '{{ table }}' as counted, count(*) as value from {{ table }}
        {% endfor %}
    ),

    counts_then as (
        select input_table as counted, rows_accepted as value
        from last_rows
        union all
        select 'clusters' as counted, clusters as value
        from last_run
        union all
        select 'rules' as counted, rules as value
        from last_run
    ),

    figures as (
        select
            counts.counted || case when counts.counted in ('clusters', 'rules') then '' else '_accepted' end as figure,
            'count' as kind,
            counts.counted not in ('clusters', 'rules') as is_of_the_input,
            cast(null as string) as detail,
            cast(counts_then.value as double) as previous_value,
            cast(counts.value as double) as value,
            cast(null as date) as previous_date,
            cast(null as date) as new_date,
            cast(counts.value as double) / nullif(counts_then.value, 0) - 1 as change,
            counts_then.value as things
        from counts
        left join counts_then on counts.counted = counts_then.counted
        union all
        {% for figure, steps, is_of_the_input in [
            ("share_of_customers_missing", "missing", true),
            ("share_of_places_changed", "changed", false),
        ] %}
            select
                '{{ figure }}' as figure,
                'step' as kind,
                {{ is_of_the_input }} as is_of_the_input,
                found || ' of ' || things as detail,
                cast(null as double) as previous_value,
                found / nullif(things, 0) as value,
                cast(null as date) as previous_date,
                cast(null as date) as new_date,
                found / nullif(things, 0) as change,
                things
            from {{ steps }}
            union all
        {% endfor %}
        -- Without an as_of_date lists are made for the day of the newest invoice.
        select
            'newest_invoice_date' as figure,
            'date' as kind,
            true as is_of_the_input,
            cast(null as string) as detail,
            cast(null as double) as previous_value,
            cast(null as double) as value,
            last_run.as_of_date as previous_date,
            newest.invoice_date as new_date,
            cast({{ days_between("last_run.as_of_date", "newest.invoice_date") }} as double) as change,
            cast(null as bigint) as things
        from (select max(invoice_date) as invoice_date from invoices) as newest
        left join last_run on true
    ),

    limits as (
        {% for figure, falls_by, lowest, rises_by, highest in [
            (
                "customers_accepted",
                "max_rows_lost",
                "- " ~ var("max_rows_lost"),
                "max_rows_gained",
                var("max_rows_gained"),
            ),
            (
                "products_accepted",
                "max_rows_lost",
                "- " ~ var("max_rows_lost"),
                "max_rows_gained",
                var("max_rows_gained"),
            ),
            (
                "invoices_accepted",
                "max_rows_lost",
                "- " ~ var("max_rows_lost"),
                "max_rows_gained",
                var("max_rows_gained"),
            ),
            ("feedback_accepted", "max_rows_lost", "- " ~ var("max_rows_lost"), none, "null"),
            ("newest_invoice_date", none, 0, none, max_days_ahead),
            (
                "share_of_customers_missing",
                none,
                "null",
                "max_customers_missing",
                var("max_customers_missing"),
            ),
            ("clusters", "max_rules_factor", "1 / " ~ factor ~ " - 1", "max_rules_factor", factor ~ " - 1"),
            ("rules", "max_rules_factor", "1 / " ~ factor ~ " - 1", "max_rules_factor", factor ~ " - 1"),
            ("share_of_places_changed", none, "null", "max_places_changed", var("max_places_changed")),
        ] %}
            {{ "union all" if not loop.first }}
            select
                {{ loop.index }} as place,
                '{{ figure }}' as figure,
                {{ sql_literal(falls_by) if falls_by else "cast(null as string)" }} as falls_by,
                cast({{ lowest }} as double) as lowest_change,
                {{ sql_literal(rises_by) if rises_by else "cast(null as string)" }} as rises_by,
                cast({{ highest }} as double) as highest_change
        {% endfor %}
    ),

    judged as (
        select
            figures.*,
            limits.place,
            published_run.run_id as previous_run_id,
            case when figures.change < 0 then limits.falls_by else limits.rises_by end as parameter,
            case when figures.change < 0 then limits.lowest_change else limits.highest_change end as allowed_change,
            coalesce(abs(figures.change) * figures.things < {{ min_jump }}, false) as is_small,
            case
                when published_run.run_id is null
                then 'nothing was published before'
                when published_run.changed_data is not null
                then published_run.changed_data
                when published_run.changed_as_of_date is not null and (not is_of_the_input or kind = 'date')
                then published_run.changed_as_of_date
                when kind = 'date' and {{ "true" if var("as_of_date") else "false" }}
                then 'as_of_date is given'
                when published_run.changed_parameters is not null and not is_of_the_input
                then published_run.changed_parameters
                when published_run.changed_version is not null and not is_of_the_input
                then published_run.changed_version
                when kind <> 'step' and previous_value is null and previous_date is null
                then 'the log of the published run does not have it'
            end as not_compared_because
        from figures
        inner join limits on figures.figure = limits.figure
        left join published_run on true
    )

select
    '{{ invocation_id }}' as run_id,
    previous_run_id,
    figure,
    kind,
    detail,
    parameter,
    not_compared_because,
    not_compared_because is null as is_compared,
    not_compared_because is not null
    or is_small
    or coalesce(abs(change) <= abs(allowed_change), true) as is_within_limit,
    -- On one day only, here or in UTC: a switch that was left on would leave the gate open for ever.
    {{
        var("accept_jump_on") | string in [
            run_started_at.strftime("%Y-%m-%d"),
            run_started_at.astimezone().strftime("%Y-%m-%d"),
        ]
    }} as is_accepted,
    cast(place as integer) as place,
    previous_value,
    value,
    change,
    allowed_change,
    previous_date,
    new_date
from judged
