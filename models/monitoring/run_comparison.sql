-- Limits that nobody can set well: after a longer pause than so many days the first build has to be accepted; a handful
-- of rows, customers, clusters, rules or positions is no unusual change, whatever share it is of little; a segment
-- that splits doubles its rules easily.
{% set max_days_ahead, min_change, max_factor = 45, 10, 4 %}

with

    published_run as (select * from {{ source("published", "published_run") }}),

    -- What the log says of it.
    last_run as (
        select runs.* from {{ source("run_log", "build_runs") }} as runs inner join published_run using (run_id)
    ),

    customers as (select customer_id from {{ ref("customer_numbers") }}),

    newest as (select max(invoice_date) as invoice_date from {{ ref("stg_invoice_lines") }}),

    lists as (select customer_id, recommended_product from {{ ref("final_recommendations") }}),

    lists_then as (select customer_id, recommended_product from {{ source("published", "published_recommendations") }}),

    customers_then as (select distinct customer_id from lists_then),

    products_then as (select distinct recommended_product as product_id from lists_then),

    products as (select product_id from {{ ref("product_numbers") }} where is_offered and is_in_stock),

    counts as (
        {% for figure, (place, counted) in {
            "customers_accepted": (1, ref("customer_numbers")),
            "products_accepted": (2, ref("stg_products")),
            "invoices_accepted": (3, ref("stg_invoice_lines")),
            "feedback_accepted": (4, ref("stg_ratings") ~ " where event_id is null"),
            "clusters": (8, ref("cluster_profiles")),
            "rules": (9, ref("associations")),
        }.items() %}
            {{ "union all" if not loop.first }}
            select {{ place }} as place, '{{ figure }}' as figure, count(*) as value
            from {{ counted }}
        {% endfor %}
    ),

    counts_then as (
        select rows_read.input_table || '_accepted' as figure, rows_read.rows_accepted as value
        from {{ source("run_log", "build_run_rows") }} as rows_read
        inner join published_run using (run_id)
        union all
        select 'clusters' as figure, clusters as value
        from last_run
        union all
        select 'rules' as figure, rules as value
        from last_run
    ),

    -- What there was and what there is of it: rows, positions, or days that passed.
    measured as (
        select counts.place, counts.figure, 'count' as kind, counts_then.value as things, counts.value as found
        from counts
        left join counts_then using (figure)
        union all
        select
            5 as place,
            'newest_invoice_date' as figure,
            'date' as kind,
            null as things,
            {{ days_between("last_run.as_of_date", "newest.invoice_date") }} as found
        from newest
        left join last_run on true
        union all
        select
            6 as place,
            'share_of_customers_missing' as figure,
            'step' as kind,
            count(*) as things,
            count(*) filter (where customers.customer_id is null) as found
        from customers_then
        left join customers using (customer_id)
        union all
        select
            7 as place,
            'share_of_products_unavailable' as figure,
            'step' as kind,
            count(*) as things,
            count(*) filter (where products.product_id is null) as found
        from products_then
        left join products using (product_id)
        union all
        -- Only of customers who had a list: that of a new customer is new as a whole.
        select
            10 as place,
            'share_of_places_changed' as figure,
            'step' as kind,
            count(*) as things,
            count(*) filter (where lists_then.customer_id is null) as found
        from lists
        semi join customers_then using (customer_id)
        left join lists_then using (customer_id, recommended_product)
    ),

    figures as (
        select
            *,
            figure in ('clusters', 'rules', 'share_of_places_changed') as is_of_the_lists,
            case
                when figure in ('share_of_places_changed', 'share_of_products_unavailable')
                then 'max_places_changed'
                when figure = 'share_of_customers_missing' or figure like '%_accepted' and found < things
                then 'max_rows_lost'
                when figure like '%_accepted' and figure <> 'feedback_accepted'
                then 'max_rows_gained'
            end as parameter,
            case
                kind
                when 'count'
                then found / nullif(things, 0) - 1
                when 'step'
                then found / nullif(things, 0)
                else found
            end as change
        from measured
    ),

    judged as (
        select
            figures.*,
            published_run.run_id as previous_run_id,
            last_run.as_of_date as previous_date,
            newest.invoice_date as new_date,
            cast(
                case
                    when kind = 'date'
                    then case when change < 0 then 0 else {{ max_days_ahead }} end
                    when figure in ('clusters', 'rules')
                    then case when change < 0 then 1 / {{ max_factor }} else {{ max_factor }} end - 1
                    when parameter = 'max_rows_lost'
                    then {{ var("max_rows_lost") }} * case when change < 0 then -1 else 1 end
                    when parameter = 'max_rows_gained'
                    then {{ var("max_rows_gained") }}
                    when parameter = 'max_places_changed'
                    then {{ var("max_places_changed") }}
                end as double
            ) as allowed_change,
            coalesce(
                case when published_run.run_id is null then 'nothing was published before' end,
                changed_data,
                case when is_of_the_lists or kind = 'date' then changed_as_of_date end,
                {% if var("as_of_date") %} case when kind = 'date' then 'as_of_date is given' end, {% endif %}
                case when is_of_the_lists then coalesce(changed_parameters, changed_version) end,
                case
                    when kind = 'count' and things is null or kind = 'date' and last_run.as_of_date is null
                    then 'the log of the published run does not have it'
                end
            ) as not_compared_because
        from figures
        cross join newest
        left join published_run on true
        left join last_run on true
    )

select
    cast(place as integer) as place,
    figure,
    case when kind = 'step' then found || ' of ' || things end as detail,
    case when kind = 'count' then cast(things as double) end as previous_value,
    cast(case kind when 'count' then found when 'step' then change end as double) as value,
    case when kind = 'date' then previous_date end as previous_date,
    case when kind = 'date' then new_date end as new_date,
    kind,
    cast(change as double) as change,
    allowed_change,
    parameter,
    not_compared_because is not null
    or coalesce(abs(change) * things < {{ min_change }}, false)
    or coalesce(abs(change) <= abs(allowed_change), true) as is_within_limit,
    {{ is_accepted_today() }} as is_accepted,
    not_compared_because is null as is_compared,
    not_compared_because,
    '{{ invocation_id }}' as run_id,
    previous_run_id
from judged
