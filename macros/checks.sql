{#-
  Rules of staging that more than one table uses. Each gives SQL.
-#}
{#- A line break is what a quote that was never closed leaves; a comment may hold some. The model rounded_ids must be there
    under its name. -#}
{% macro unusable_row_reason(table_name, relation=none) -%}
    {% set columns = input_columns(table_name) %}
    {% set prefix = relation ~ "." if relation else "" %}
    case
        {% for column in columns["required"] %}
            when {{ prefix }}{{ column }} is null then '{{ column }} is missing'
        {% endfor %}
        {% for column in columns["required"] + columns["optional"] if column not in ["comment", "note"] %}
            when contains({{ prefix }}{{ column }}, chr(10))
            then '{{ column }} holds a line break (a quote that is not closed?)'
        {% endfor %}
        {% for column in id_columns(table_name) %}
            when contains({{ prefix }}{{ column }}, '+') and {{ is_in_scientific_notation(prefix ~ column) }}
            then '{{ column }} is in scientific notation, so its last digits are lost'
            when
                {{ is_rounded_to_15_digits(prefix ~ column) }}
                and exists (
                    select 1 from rounded_ids where source_table = '{{ table_name }}' and column_name = '{{ column }}'
                )
            then '{{ column }} was rounded to 15 digits, as a spreadsheet does'
        {% endfor %}
    end
{%- endmacro %}

{% macro id_columns(table_name) %}
    {% set columns = [] %}
    {% set listed = input_columns(table_name) %}
    {% for column in listed["required"] + listed["optional"] if column.endswith("_id") %}
        {% do columns.append(column) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{% macro is_in_scientific_notation(id) -%}
    regexp_extract({{ id }}, '^[0-9]([.,][0-9]+)?[eE][+][0-9]+$', 0) <> ''
{%- endmacro %}

{#- A spreadsheet keeps 15 digits of a number and writes zeros for the rest. -#}
{% macro is_rounded_to_15_digits(id) -%}
    length({{ id }}) > 15 and regexp_extract({{ id }}, '^[1-9][0-9]{14}0+$', 0) <> ''
{%- endmacro %}

{% macro duplicate_reason(id_column) -%} duplicate {{ id_column }}, another row with it was kept {%- endmacro %}

{% macro checked_models() %}
    {{
        return(
            {
                "customers": "checked_customers",
                "products": "checked_products",
                "invoices": "checked_invoice_lines",
                "feedback": "checked_feedback",
                "overrides": "checked_overrides",
                "account_managers": "checked_account_managers",
                "rating_events": "checked_rating_events",
                "list_openings": "checked_list_openings",
            }
        )
    }}
{% endmacro %}

{% macro date_pattern() -%}
    '^([0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2})([T ]([0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)( ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?)?$'
{%- endmacro %}

{% macro parse_date(column) -%}
    try_cast(replace(regexp_extract({{ column }}, {{ date_pattern() }}, 1), '/', '-') as date)
{%- endmacro %}

{% macro parse_time(column) -%}
    coalesce(
        try_cast(
            replace(regexp_extract({{ column }}, {{ date_pattern() }}, 1), '/', '-')
            || ' '
            || nullif(regexp_extract({{ column }}, {{ date_pattern() }}, 3), '') as timestamp
        ),
        cast({{ parse_date(column) }} as timestamp)
    )
{%- endmacro %}

{% macro zone_minutes(column) -%}
    {% set zone = "regexp_extract(" ~ column ~ ", " ~ date_pattern() ~ ", 7)" %}
    case
        when substr({{ zone }}, 1, 1) in ('+', '-')
        then
            case when substr({{ zone }}, 1, 1) = '-' then -1 else 1 end * (
                60 * cast(substr({{ zone }}, 2, 2) as integer)
                + cast('0' || replace(substr({{ zone }}, 4), ':', '') as integer)
            )
        else 0
    end
{%- endmacro %}

{% macro parse_utc(column) -%}
    ({{ parse_time(column) }} - ({{ zone_minutes(column) }}) * interval '1' minute)
{%- endmacro %}

{#- Rated at eight in the evening in New York it counts that night, though London has the next day. The day of a back-test
    is the same on every machine. -#}
{% macro event_day(moment) -%}
    {% set minutes = 0 if var("as_of_date") else build_zone_minutes() | int %}
    cast({{ moment ~ " + " ~ minutes ~ " * interval '1' minute" if minutes else moment }} as date)
{%- endmacro %}

{% macro build_zone_minutes() %}
    {{ return(run_started_at.astimezone().utcoffset().total_seconds() // 60) }}
{% endmacro %}

{% macro run_day() -%} {{ run_started_at.astimezone().strftime("%Y-%m-%d") }} {%- endmacro %}

{#- A typing error such as 2205 for 2025 would make every purchase look ancient, or a rating unknown for ever. One day is left to
    clocks and time zones. -#}
{% macro is_in_the_future(date_column) -%} ({{ date_column }} > date '{{ run_day() }}' + 1) {%- endmacro %}

{#- The words of ipre/ratings/events.py; a test keeps them together. -#}
{% macro reason_codes() %}
    {{ return(["buys_elsewhere", "no_need", "price", "out_of_stock", "wrong_fit"]) }}
{% endmacro %}

{% macro channels() %} {{ return(["app", "worksheet", "import"]) }} {% endmacro %}

{#- What is so today and will not be for ever. -#}
{% macro passing_reasons() %} {{ return(["price", "out_of_stock"]) }} {% endmacro %}

{% macro contradiction_sentence() -%}
    source_table
    || ': '
    || row_count
    || ' rows have the id '
    || id
    || ' and contradict each other, from '
    || a_name
    || ' to '
    || another_name
    || '; one of them was kept.'
{%- endmacro %}

{#- Ledgers and spreadsheets write a minus behind the number, as brackets or as a dash, and an apostrophe before it. A
    thousands separator is a decimal one elsewhere, so a number with it is none. -#}
{% macro parse_quantity(column) -%}
    {% set number = "([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?" %}
    {#- Without the apostrophe, and with one kind of minus. -#}
    {% set rewritten = replace_all(replace_all(column, "^[\u2018\u2019\u0027]", ""), "[" ~ minus_signs() ~ "]", "-") %}
    case
        when regexp_extract({{ column }}, '^[+-]?{{ number }}$', 0) <> ''
        then try_cast({{ column }} as decimal(18, 4))
        when regexp_extract({{ rewritten }}, '^([+-] ?)?{{ number }}$', 0) <> ''
        then try_cast(replace({{ rewritten }}, ' ', '') as decimal(18, 4))
        when regexp_extract({{ rewritten }}, '^({{ number }} ?-|[(] ?{{ number }} ?[)])$', 0) <> ''
        then - try_cast(trim(both '()- ' from {{ rewritten }}) as decimal(18, 4))
    end
{%- endmacro %}

{% macro minus_signs() %} {{ return("\u2010-\u2015\u2212\ufe58\ufe63\uff0d") }} {% endmacro %}

{% macro row_as_json(table_name, relation=none) -%}
    {% set columns, fields = input_columns(table_name), {} %}
    {% for column in columns["required"] + columns["optional"] %}
        {% do fields.update({column: (relation ~ "." if relation else "") ~ column}) %}
    {% endfor %}
    {{ json_object(fields) }}
{%- endmacro %}

{#- Answers to a yes-or-no column, as people, databases and pandas (1.0 beside empty cells) write them. -#}
{% macro says_no(column) -%}
    (coalesce(lower({{ column }}), '') in ('no', 'n', 'false', 'f', '0', '0.0'))
{%- endmacro %}

{#- An empty cell does not say no. -#}
{% macro says_yes(column) -%}
    (coalesce(lower({{ column }}), 'yes') in ('yes', 'y', 'true', 't', '1', '1.0'))
{%- endmacro %}

{#- Overrides hold on both of their dates. The model as_of must be there under its name. -#}
{% macro is_valid(overrides) -%}
    (
        as_of.as_of_date >= coalesce({{ overrides }}.valid_from, as_of.as_of_date)
        and as_of.as_of_date <= coalesce({{ overrides }}.valid_until, as_of.as_of_date)
    )
{%- endmacro %}
