{#-
  The figures in the order of reading. kind: how the change is measured (see the YAML file). input: no parameter of the
  lists moves it. falls, rises: the parameters that limit it. things: what a share is a share of, for min_jump.
-#}
{%- set figures = [] -%}
{%- for table_name in input_tables() -%}
    {%- for what in ["read", "accepted"] -%}
        {%- do figures.append(
            {
                "name": table_name ~ "_" ~ what,
                "kind": "count",
                "input": true,
                "falls": "max_rows_lost",
                "rises": "max_rows_gained" if table_name != "feedback",
                "from": table_name ~ "_rows",
                    "value": "rows_" ~ what,
            }
        ) -%}
    {%- endfor -%}
{%- endfor -%}
{%- do figures.extend(
    [
        {
            "name": "return_lines",
            "kind": "count",
            "input": true,
            "falls": "max_rows_lost",
            "rises": "max_rows_gained",
            "from": "invoice_figures",
            "value": "return_lines",
        },
        {
            "name": "mean_quantity",
            "kind": "mean",
            "input": true,
            "falls": "max_quantity_change",
            "rises": "max_quantity_change",
            "from": "invoice_figures",
            "value": "mean_quantity",
            "things": "invoice_lines",
        },
        {
            "name": "newest_invoice_date",
            "kind": "date",
            "input": true,
            "falls": "max_days_back",
            "rises": "max_days_ahead",
            "from": "invoice_figures",
            "value": "newest_invoice_date",
        },
        {
            "name": "invoice_days",
            "kind": "days",
            "input": true,
            "falls": "max_invoice_days_lost",
            "from": "invoice_figures",
            "value": "invoice_days",
        },
        {
            "name": "segments",
            "kind": "count",
            "input": true,
            "falls": "max_segments_change",
            "rises": "max_segments_change",
            "from": "segment_figures",
            "value": "segments",
        },
        {
            "name": "share_of_customers_missing",
            "kind": "step",
            "input": true,
            "rises": "max_customers_missing",
            "from": "customer_steps",
            "value": "missing / nullif(customers, 0)",
            "things": "customers",
            "detail": "missing || ' of ' || customers",
        },
        {
            "name": "share_of_customers_in_another_segment",
            "kind": "step",
            "input": true,
            "rises": "max_customers_in_another_segment",
            "from": "customer_steps",
            "value": "in_another_segment / nullif(present, 0)",
            "things": "present",
            "detail": "in_another_segment || ' of ' || present",
        },
        {"name": "as_of_date", "kind": "date", "from": "as_of", "value": "as_of_date"},
        {
            "name": "customers_with_a_basket",
            "kind": "count",
            "rises": "max_rows_gained",
            "from": "cluster_figures",
            "value": "customers",
        },
        {
            "name": "share_of_baskets_lost",
            "kind": "step",
            "rises": "max_baskets_lost",
            "from": "customer_steps",
            "value": "baskets_lost / nullif(baskets, 0)",
            "things": "baskets",
            "detail": "baskets_lost || ' of ' || baskets",
        },
        {
            "name": "largest_loss_of_a_segment",
            "kind": "step",
            "rises": "max_segment_loss",
            "from": "segment_steps",
            "value": "loss",
            "detail": "detail",
        },
        {
            "name": "products_in_baskets",
            "kind": "count",
            "falls": "max_rows_lost",
            "rises": "max_rows_gained",
            "from": "basket_figures",
            "value": "products",
        },
        {
            "name": "clusters",
            "kind": "count",
            "falls": "max_clusters_factor",
            "rises": "max_clusters_factor",
            "from": "profile_figures",
            "value": "clusters",
        },
        {
            "name": "rules",
            "kind": "count",
            "falls": "max_rules_factor",
            "rises": "max_rules_factor",
            "from": "rule_figures",
            "value": "rules",
        },
        {
            "name": "share_of_places_from_rules",
            "kind": "share",
            "falls": "max_rule_places_change",
            "rises": "max_rule_places_change",
            "from": "list_figures",
            "value": "from_rules / nullif(places, 0)",
            "things": "places",
        },
        {
            "name": "share_of_places_changed",
            "kind": "step",
            "rises": "max_places_changed",
            "from": "place_steps",
            "value": "changed / nullif(places, 0)",
            "things": "places",
            "detail": "changed || ' of ' || places",
        },
    ]
) -%}

with

    customers as (select customer_id, segment from {{ ref("stg_customers") }}),

    products as (select product_id from {{ ref("stg_products") }}),

    invoices as (select quantity, invoice_date from {{ ref("stg_invoice_lines") }}),

    feedback as (select customer_id from {{ ref("stg_feedback") }}),

    rejected_rows as (select source_table from {{ ref("rejected_rows") }}),

    as_of as (select as_of_date from {{ ref("as_of") }}),

    market_basket as (select product_id from {{ ref("market_basket") }}),

    customer_clusters as (select customer_id from {{ ref("customer_clusters") }}),

    cluster_profiles as (select segment from {{ ref("cluster_profiles") }}),

    associations as (select cluster_id from {{ ref("associations") }}),

    lists as (select customer_id, recommended_product, source from {{ ref("final_recommendations") }}),

    published_lists as (
        select customer_id, recommended_product, segment, cluster_id
        from {{ source("published", "published_recommendations") }}
    ),

    published_figures as (select figure, value, new_date from {{ source("published", "published_figures") }}),

    published_run as (select * from {{ source("published", "published_run") }}),

    {% for table_name in input_tables() %}
        {{ table_name }}_rows as (
            select
                count(*) + (select count(*) from rejected_rows where source_table = '{{ table_name }}') as rows_read,
                count(*) as rows_accepted
            from {{ table_name }}
        ),
    {% endfor %}

    -- The sum is one of decimals: one of floats depends on the number of threads.
    invoice_figures as (
        select
            count(*) as invoice_lines,
            count(*) filter (where quantity < 0) as return_lines,
            cast(sum(quantity) filter (where quantity > 0) as double)
            / nullif(count(*) filter (where quantity > 0), 0) as mean_quantity,
            count(distinct invoice_date) as invoice_days,
            max(invoice_date) as newest_invoice_date
        from invoices
    ),

    segment_figures as (select count(distinct segment) as segments from customers),

    cluster_figures as (select count(*) as customers from customer_clusters),

    basket_figures as (select count(distinct product_id) as products from market_basket),

    profile_figures as (select count(*) as clusters from cluster_profiles),

    rule_figures as (select count(*) as rules from associations),

    list_figures as (
        select count(*) as places, count(*) filter (where source = 'association') as from_rules from lists
    ),

    -- Who had a list, in which segment, and whether with a basket.
    published_customers as (
        select customer_id, max(segment) as segment, max(cluster_id) is not null as had_basket
        from published_lists
        group by customer_id
    ),

    customer_fates as (
        select
            published_customers.segment as previous_segment,
            published_customers.had_basket,
            customers.segment,
            customers.customer_id is not null as is_present,
            customer_clusters.customer_id is not null as has_basket
        from published_customers
        left join customers on published_customers.customer_id = customers.customer_id
        left join customer_clusters on published_customers.customer_id = customer_clusters.customer_id
    ),

    customer_steps as (
        select
            count(*) as customers,
            count(*) filter (where is_present) as present,
            count(*) filter (where not is_present) as missing,
            count(*) filter (where segment <> previous_segment) as in_another_segment,
            count(*) filter (where had_basket) as baskets,
            count(*) filter (where had_basket and not has_basket) as baskets_lost
        from customer_fates
    ),

    segment_losses as (
        select
            previous_segment,
            count(*) as baskets,
            count(*) filter (where not has_basket) as baskets_lost,
            count(*) filter (where not has_basket) / count(*) as loss
        from customer_fates
        where had_basket
        group by previous_segment
    ),

    ordered_losses as (
        select *, row_number() over (order by loss desc, baskets_lost desc, previous_segment) as place
        from segment_losses
        -- A segment that loses this few is not looked at: the whole of it would be no jump.
        where baskets_lost >= {{ var("min_jump") }}
    ),

    segment_steps as (
        select
            coalesce(max(loss), 0) as loss, max(previous_segment || ': ' || baskets_lost || ' of ' || baskets) as detail
        from ordered_losses
        where place = 1
    ),

    -- Only customers who had a list: that of a new customer is new as a whole.
    place_steps as (
        select count(*) as places, count(*) filter (where published_lists.customer_id is null) as changed
        from lists
        semi join published_customers on lists.customer_id = published_customers.customer_id
        left join
            published_lists
            on lists.customer_id = published_lists.customer_id
            and lists.recommended_product = published_lists.recommended_product
    ),

    figures as (
        {% for figure in figures %}
            {% set is_date = figure["kind"] == "date" %}
            {{ "union all" if not loop.first }}
            select
                {{ loop.index }} as place,
                '{{ figure["name"] }}' as figure,
                '{{ figure["kind"] }}' as kind,
                {{ figure.get("input", false) }} as is_of_the_input,
                {{ figure.get("detail", "cast(null as varchar)") }} as detail,
                {{ sql_literal(figure["falls"]) if figure.get("falls") else "cast(null as varchar)" }} as falls_by,
                {{ sql_literal(figure["rises"]) if figure.get("rises") else "cast(null as varchar)" }} as rises_by,
                {{ lowest_change(figure.get("falls")) }} as lowest_change,
                {{ highest_change(figure.get("rises")) }} as highest_change,
                {{ "cast(null as double)" if is_date else "cast(" ~ figure["value"] ~ " as double)" }} as value,
                {{ figure["value"] if is_date else "cast(null as date)" }} as new_date,
                cast({{ figure.get("things", "null") }} as double) as things
            from {{ figure["from"] }}
        {% endfor %}
    ),

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
                then cast({{ dbt.datediff("published_figures.new_date", "figures.new_date", "day") }} as double)
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
