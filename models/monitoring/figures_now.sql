with

    as_of as (select as_of_date from {{ ref("as_of") }}),

    input_rows as (select source_table, rows_read, rows_accepted from {{ ref("input_rows") }}),

    input_figures as (
        select invoice_lines, return_lines, mean_quantity, invoice_days, newest_invoice_date, segments
        from {{ ref("input_figures") }}
    ),

    list_figures as (
        select products_in_baskets, customers_with_a_basket, clusters, rules, places, places_from_rules
        from {{ ref("list_figures") }}
    ),

    customer_steps as (
        select customers, present, missing, in_another_segment, baskets, baskets_lost, largest_loss, largest_loss_detail
        from {{ ref("customer_steps") }}
    ),

    place_steps as (select places, places_changed from {{ ref("place_steps") }})

{% for figure in compared_figures() %}
        {% set is_date = figure["kind"] == "date" %}
        {{ "union all" if not loop.first }}
    select
        {{ loop.index }} as place,
        '{{ figure["name"] }}' as figure,
        '{{ figure["kind"] }}' as kind,
        {{ figure.get("input", false) }} as is_of_the_input,
        {{ figure.get("detail", "cast(null as string)") }} as detail,
        {{ sql_literal(figure["falls"]) if figure.get("falls") else "cast(null as string)" }} as falls_by,
        {{ sql_literal(figure["rises"]) if figure.get("rises") else "cast(null as string)" }} as rises_by,
        {{ lowest_change(figure.get("falls")) }} as lowest_change,
        {{ highest_change(figure.get("rises")) }} as highest_change,
        {{ "cast(null as double)" if is_date else "cast(" ~ figure["value"] ~ " as double)" }} as value,
        {{ figure["value"] if is_date else "cast(null as date)" }} as new_date,
        cast({{ figure.get("things", "null") }} as double) as things
    from {{ figure["from"] }}
{% endfor %}
