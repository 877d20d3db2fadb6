{#- Rules of staging that more than one table uses. Each gives SQL. -#}
{#- SQL of why a row of an input table cannot be trusted whatever its values mean, or null: the first required column
    that is null, else the headings once more, else a word for nothing where an empty cell stands for everybody, else a
    line break in a value, else an id that lost its digits. A customer without region gives 'region is missing'. A line
    break is what a quote that was never closed leaves; a comment may hold some. relation: the name of the row's table
    in the query. -#}
{% macro unusable_row_reason(table_name, relation) -%}
    {% set table = graph.sources["source.ipre.input." ~ table_name] if execute else {"columns": {}} %}
    case
        {% for column in columns_marked(table_name, "required") %}
            when {{ relation }}.{{ column }} is null then '{{ column }} is missing'
        {% endfor %}
        {% if execute and not table.config.meta.from_rating_store %}
            when {{ repeats_the_headings(table_name, relation) }} then 'the row repeats the header'
        {% endif %}
        {% for column in columns_marked(table_name, "names") %}
            when {{ is_a_word_for_nothing(relation ~ "." ~ column, is_free_text=false) }}
            then '{{ column }} contains a placeholder (such as NULL); only an empty cell means all'
        {% endfor %}
        {% for column in table.columns if column not in columns_marked(table_name, "prose") %}
            when contains({{ relation }}.{{ column }}, chr(10))
            then '{{ column }} contains a line break; check for a quote that is not closed'
        {% endfor %}
        {% for column in id_columns(table_name) %}
            -- Written like 4.00638E+12, as a spreadsheet or a float does.
            when
                contains({{ relation }}.{{ column }}, '+')
                and regexp_extract({{ relation }}.{{ column }}, '^[0-9]([.,][0-9]+)?[eE][+][0-9]+$', 0) <> ''
            then '{{ column }} is in scientific notation, so digits are lost; export it as text'
            {% if not table.config.meta.from_rating_store %}
                when
                    {{ is_rounded_to_15_digits(relation ~ "." ~ column) }} and {{ all_are_rounded(table_name, column) }}
                then '{{ column }} was rounded to 15 digits by a spreadsheet; export it as text'
            {% endif %}
        {% endfor %}
    end
{%- endmacro %}

{#- SQL: whether the required cells of a row hold headings of the table, as they are in its source. Exports that were
    put one behind the other repeat their header, in any order of the columns. -#}
{% macro repeats_the_headings(table_name, relation) -%}
    {% set theirs = var("input_columns").get(table_name, {}) %}
    {% for required in columns_marked(table_name, "required") %}
        {{ "and" if not loop.first }} lower({{ relation }}.{{ required }}) in (
            {% for column in input_columns(table_name) %}
                {{ sql_literal(theirs.get(column, column) | lower) }}{{ "," if not loop.last }}
            {% endfor %}
        )
    {% endfor %}
{%- endmacro %}

{#- SQL: whether an id has more than 15 digits and only zeros after them, such as 4006381333931230. A spreadsheet keeps
    15 digits of a number and writes zeros for the rest. -#}
{% macro is_rounded_to_15_digits(id) -%}
    length({{ id }}) > 15 and regexp_extract({{ id }}, '^[1-9][0-9]{14}0+$', 0) <> ''
{%- endmacro %}

{#- SQL: whether all ids of more than 15 digits in a column were rounded to 15. One that ends in zeros may be as it
    should be. Where every longer number of a column does, and there are two of them (two rows in the table that the
    ids are from), they were rounded, and which is which is lost. Few ids are that long, and nothing else of them is
    looked at. -#}
{% macro all_are_rounded(table_name, column) -%}
    (
        select
            bool_and({{ is_rounded_to_15_digits("id") }})
            and {{ "count(*) > 1" if id_columns(table_name) | length == 1 else "min(id) <> max(id)" }}
        from
            (
                select {{ clean_id(read_column(table_name, column)) }} as id
                from {{ input_relation(table_name) }} as rows_read
                where length(cast({{ read_column(table_name, column) }} as string)) > 15
            ) as long_ids
        where regexp_extract(id, '^[0-9]{16,}$', 0) <> ''
    )
{%- endmacro %}

{#- Why a row of a table of ids is rejected when another one with its id was kept. customer_id gives 'duplicate
    customer_id, another row with it was kept'. -#}
{% macro duplicate_reason(id_column) -%} duplicate {{ id_column }}, another row with it was kept {%- endmacro %}

{#- Why the row of a customer or product is rejected whose chain of replaced_by has no end. -#}
{% macro circle_reason() -%} replaced_by leads back to itself {%- endmacro %}

{#- Pattern of a date: YYYY-MM-DD or YYYY/MM/DD, then perhaps a time, then perhaps a time zone. Groups: 1 the date, 3
    the time, 7 the zone. -#}
{% macro date_pattern() -%}
    '^([0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2})([T ]([0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)( ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?)?$'
{%- endmacro %}

{#- SQL of the day as YYYY-MM-DD at the start of a text. '20250101' and '2025/01/01 8:00' give '2025-01-01'. Eight
    digits, as SAP writes a day and pandas a float of it, or what the pattern finds. The fifth sign tells, cheaply. -#}
{% macro written_day(column) -%}
    case
        when
            substr({{ column }}, 5, 1) between '0' and '9'
            and regexp_extract({{ column }}, '^[0-9]{8}([.]0)?$', 0) <> ''
        then substr({{ column }}, 1, 4) || '-' || substr({{ column }}, 5, 2) || '-' || substr({{ column }}, 7, 2)
        else replace(regexp_extract({{ column }}, {{ date_pattern() }}, 1), '/', '-')
    end
{%- endmacro %}

{#- SQL of the calendar date at the start of a text, else null. '2025-01-01 23:50 -0530' gives 2025-01-01: the date as
    written counts. -#}
{% macro parse_date(column) -%} try_cast({{ written_day(column) }} as date) {%- endmacro %}

{#- SQL of date and time of day as written, as timestamp; midnight without a time, null without a date. -#}
{% macro parse_time(column) -%}
    coalesce(
        try_cast(
            {{ written_day(column) }}
            || ' '
            || nullif(regexp_extract({{ column }}, {{ date_pattern() }}, 3), '') as timestamp
        ),
        cast({{ parse_date(column) }} as timestamp)
    )
{%- endmacro %}

{#- SQL of the minutes by which the time zone behind a time is ahead of UTC, 0 without one. '2025-01-01 22:50:26 -0530'
    gives -330. -#}
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

{#- SQL of a date and time with its zone as a timestamp in UTC; without a zone it is in UTC. Null when it is none. -#}
{% macro parse_utc(column) -%}
    ({{ parse_time(column) }} - ({{ zone_minutes(column) }}) * interval '1' minute)
{%- endmacro %}

{#- SQL of the day of a moment in UTC, in the time zone of the machine that builds; with an as_of_date in UTC. In New
    York 2026-11-28 01:00 is of 2026-11-27. A rating of eight in the evening in New York counts in that evening's run,
    though London has the next day; the day of a back-test is the same on every machine. -#}
{% macro event_day(moment) -%}
    {% set minutes = 0 if var("as_of_date") else build_zone_minutes() | int %}
    cast({{ moment ~ " + " ~ minutes ~ " * interval '1' minute" if minutes else moment }} as date)
{%- endmacro %}

{#- Minutes by which the time zone of the machine that builds is ahead of UTC when the run starts. -#}
{% macro build_zone_minutes() %}
    {{ return(run_started_at.astimezone().utcoffset().total_seconds() // 60) }}
{% endmacro %}

{#- The day of the run, YYYY-MM-DD, as the clock of the machine says. -#}
{% macro run_day() -%} {{ run_started_at.astimezone().strftime("%Y-%m-%d") }} {%- endmacro %}

{#- SQL: whether a day lies more than seven days before the day of the run. Of an export that is as new as it should be
    no sentence needs another day than that of the run. -#}
{% macro is_long_before_the_run(date_column) -%} ({{ date_column }} + 7 < date '{{ run_day() }}') {%- endmacro %}

{#- SQL: whether a date lies more than a day after the day of the run. A typing error such as 2205 for 2025 would make
    every purchase look ancient, or a rating unknown for ever; one day is left to clocks and time zones. -#}
{% macro is_in_the_future(date_column) -%}({{ date_column }} > date '{{ run_day() }}' + 1) {%- endmacro %}

{#- SQL of the days, with commas between, that systems write where there is no date: 1900-01-01 and such. They are the
    first or last day that a system knows. -#}
{% macro placeholder_dates() -%}
    {% set days = "0001-01-01 1753-01-01 1899-12-30 1899-12-31 1900-01-01 1970-01-01 2999-12-31 9999-12-31" %}
    {% for day in days.split() %} date '{{ day }}'{{ "," if not loop.last }} {% endfor %}
{%- endmacro %}

{#- The reasons that a rating may be given with, as the store of ratings spells them. They are the words of
    ipre/ratings/events.py; a test keeps them together. -#}
{% macro reason_codes() %}
    {{ return(["buys_elsewhere", "no_need", "price", "out_of_stock", "wrong_fit"]) }}
{% endmacro %}

{#- Where an event of the store of ratings may come from. -#}
{% macro channels() %} {{ return(["app", "worksheet", "import"]) }} {% endmacro %}

{#- The reasons for which a rating counts for `passing_reason_days` only. They are so today and will not be for
    ever. -#}
{% macro passing_reasons() %} {{ return(["price", "out_of_stock"]) }} {% endmacro %}

{#- SQL of a decimal number, decimal(18,4), else null. '1e3' gives 1000, '3-', '(3)' and '−3' give -3; '1,000', NaN,
    infinity and numbers of 10^14 or more give null. Ledgers and spreadsheets write a minus behind the number, as
    brackets or as a dash, and an apostrophe before it. A thousands separator is a decimal one elsewhere, so a number
    with it is none. -#}
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

{#- What is printed for a minus beside the hyphen of the keyboard, as part of a pattern between square brackets. -#}
{% macro minus_signs() %} {{ return("\u2010-\u2015\u2212\ufe58\ufe63\uff0d") }} {% endmacro %}

{#- SQL: whether a cell says no: no, n, false, f, 0 or 0.0 in any case. An empty one does not. Answers as people,
    databases and pandas (1.0 beside empty cells) write them. -#}
{% macro says_no(column) -%}
    (coalesce(lower({{ column }}), '') in ('no', 'n', 'false', 'f', '0', '0.0'))
{%- endmacro %}

{#- SQL: whether an override is about a product: what it names of product_id, L3 and L2 is the product's. What the
    override leaves empty is no condition. Both arguments are aliases. -#}
{% macro names_product(overrides, products) -%}
    {{ products }}.product_id = coalesce({{ overrides }}.product_id, {{ products }}.product_id)
    and {{ products }}.l3_category = coalesce({{ overrides }}.l3_category, {{ products }}.l3_category)
    and {{ products }}.l2_category = coalesce({{ overrides }}.l2_category, {{ products }}.l2_category)
{%- endmacro %}

{#- SQL: whether an override is valid on the as-of date, both of its dates included. The model as_of must be there
    under its name. -#}
{% macro is_valid(overrides) -%}
    (
        as_of.as_of_date >= coalesce({{ overrides }}.valid_from, as_of.as_of_date)
        and as_of.as_of_date <= coalesce({{ overrides }}.valid_until, as_of.as_of_date)
    )
{%- endmacro %}
