{#-
  Rules of staging that more than one table uses. Each gives SQL.
-#}
{#- Why a row of an input table cannot be trusted whatever its values mean: the first required column that is null, or
    the first column that holds a line break, which is what a quote that was never closed leaves (a comment may hold
    some); null when nothing is wrong. `relation` is the row's table where columns need one:
    unusable_row_reason("customers") -> 'region is missing'. -#}
{% macro unusable_row_reason(table_name, relation=none) -%}
    {% set columns = input_columns(table_name) %}
    case
        {% for column in columns["required"] %}
            when {{ relation ~ "." if relation }}{{ column }} is null then '{{ column }} is missing'
        {% endfor %}
        {% for column in columns["required"] + columns["optional"] if column != "comment" %}
            when contains({{ relation ~ "." if relation }}{{ column }}, chr(10))
            then '{{ column }} holds a line break (a quote that is not closed?)'
        {% endfor %}
    end
{%- endmacro %}

{#- Where the rows of each input table are judged. -#}
{% macro checked_models() %}
    {{
        return(
            {
                "customers": "checked_customers",
                "products": "checked_products",
                "invoices": "checked_invoice_lines",
                "feedback": "checked_feedback",
            }
        )
    }}
{% endmacro %}

{#- SQL of the rows of an input table with their rejection_reason (null: accepted), unreadable lines included. By name,
    for hooks, where ref() does not reach. -#}
{% macro judged_rows(table_name) %}
    {{
        return(
            "(select rejection_reason from helpers."
            ~ checked_models()[table_name]
            ~ " union all select reason from input.unreadable_lines where source_table = "
            ~ sql_literal(table_name)
            ~ ") as judged"
        )
    }}
{% endmacro %}

{#- The calendar date at the start of a text (YYYY-MM-DD or YYYY/MM/DD, a time may follow), else null. A time
    zone behind it never moves the date: the date as written counts. -#}
{% macro parse_date(column) -%}
    try_cast(
        regexp_extract(
            {{ column }},
            '^(\d{4}[-/]\d{1,2}[-/]\d{1,2})([T ]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?$',
            1
        ) as date
    )
{%- endmacro %}

{#- Whether a date lies further ahead of the day of the run than `max_future_days` allows: a typing error such as 2205
    for 2025, which would make every purchase look ancient. -#}
{% macro is_in_the_future(date_column) -%}
    ({{ date_column }} > date '{{ run_started_at.strftime("%Y-%m-%d") }}' + {{ var("max_future_days") }})
{%- endmacro %}

{#-
  Pre-hook of as_of, which everything after staging waits for: stop when too many rows of an input table were rejected
  (more than `max_rejected_share`), or all. The message has the most frequent reasons. `rejected_rows` is that relation:
  named in the hook, it is built before the check, so that the rows are there to be looked at.
-#}
{% macro check_rejected_shares(rejected_rows) %}
    {% if execute and not flags.EMPTY %}
        {% set told = [] %}
        {% for table_name in input_tables() %}
            {% set reasons = run_query(
                "select rejection_reason, count(*) as row_count from "
                ~ judged_rows(table_name)
                ~ " group by rejection_reason order by row_count desc, rejection_reason"
            ).rows %}
            {% set read = reasons | map(attribute="row_count") | sum %}
            {% set reasons = reasons | selectattr("rejection_reason") | list %}
            {% set rejected = reasons | map(attribute="row_count") | sum %}
            {% set all_rejected = rejected == read and table_name != "feedback" %}
            {% if all_rejected or rejected > var("max_rejected_share") * read %}
                {% set words = [] %}
                {% for reason in reasons[:3] %}
                    {% do words.append(reason["rejection_reason"] ~ " (" ~ "{:,}".format(reason["row_count"]) ~ ")") %}
                {% endfor %}
                {% do told.append(
                    "{:,} of {:,} rows of {} were rejected{}. Reasons: {}.".format(
                        rejected,
                        read,
                        table_name,
                        (
                            ", so that none is left"
                            if all_rejected
                            else ", more than max_rejected_share (" ~ var("max_rejected_share") ~ ") allows"
                        ),
                        words | join(", ") or "there were no rows",
                    )
                ) %}
            {% endif %}
        {% endfor %}
        {% if told %}
            {% do call_plugin(
                "stop",
                {
                    "reason": "ipre input: "
                    ~ (told | join(" "))
                    ~ " The rows stand in build.rejected_rows. Correct the export, or raise max_rejected_share if it is "
                    ~ "as it should be."
                },
            ) %}
        {% endif %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{#- A plain decimal number (12, -3.5, 1e3), kept to 4 decimals, else null. Thousands separators, NaN, infinity
    and numbers of 10^14 or more are none. -#}
{% macro parse_quantity(column) -%}
    case
        when regexp_full_match({{ column }}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
        then try_cast({{ column }} as decimal(18, 4))
    end
{%- endmacro %}

{#- A row of an input table as read, as JSON text, for rejected_rows. `relation` as above. -#}
{% macro row_as_json(table_name, relation=none) -%}
    {% set columns = input_columns(table_name) %}
    cast(
        to_json(
            struct_pack(
                {% for column in columns["required"] + columns["optional"] %}
                    {{ column }} := {{ relation ~ "." if relation }}{{ column }}{{ "," if not loop.last }}
                {% endfor %}
            )
        ) as varchar
    )
{%- endmacro %}
