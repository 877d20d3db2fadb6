{#-
  A night unlike the last: how far a figure of run_comparison may move from one published run to the next, and what a
  jump is told as. The limits stand in dbt_project.yml, the figures in macros/figures.sql.
-#}
{#- They judge a run and change none of its numbers. -#}
{% macro jump_limits() %}
    {{
        return(
            {
                "max_rows_lost": {"lowest": 0, "highest": 1},
                "max_rows_gained": {"lowest": 0},
                "max_days_back": {"lowest": 0, "whole": true},
                "max_days_ahead": {"lowest": 0, "whole": true},
                "max_invoice_days_lost": {"lowest": 0, "whole": true},
                "max_quantity_change": {"lowest": 0},
                "max_customers_missing": {"lowest": 0, "highest": 1},
                "max_customers_in_another_segment": {"lowest": 0, "highest": 1},
                "max_baskets_lost": {"lowest": 0, "highest": 1},
                "max_segment_loss": {"lowest": 0, "highest": 1},
                "max_segments_change": {"lowest": 0},
                "max_clusters_factor": {"lowest": 1},
                "max_rules_factor": {"lowest": 1},
                "max_rule_places_change": {"lowest": 0, "highest": 1},
                "max_places_changed": {"lowest": 0, "highest": 1},
                "min_jump": {"lowest": 0, "whole": true},
            }
        )
    }}
{% endmacro %}

{#- A factor of 2 allows twice as many and half as many. -#}
{% macro lowest_change(parameter) -%}
    {%- if not parameter %} cast(null as double)
    {%- elif parameter.endswith("_factor") %} 1 / cast({{ var(parameter) }} as double) - 1
    {%- else %} - cast({{ var(parameter) }} as double)
    {%- endif %}
{%- endmacro %}

{% macro highest_change(parameter) -%}
    {%- if not parameter %} cast(null as double)
    {%- elif parameter.endswith("_factor") %} cast({{ var(parameter) }} as double) - 1
    {%- else %} cast({{ var(parameter) }} as double)
    {%- endif %}
{%- endmacro %}

{#- It counts on one day only, because a switch that was left on would leave the gate open for ever. -#}
{% macro accepts_jumps() %}
    {{ return(var("accept_jump_on") | string in [run_started_at.strftime("%Y-%m-%d"), today()]) }}
{% endmacro %}

{% macro today() %} {{ return(run_started_at.astimezone().strftime("%Y-%m-%d")) }} {% endmacro %}

{% macro told_jumps() %}
    {% set words = [] %}
    {% for row in run_query(
        "select figure, kind, detail, coalesce(strftime(previous_date, '%Y-%m-%d'), '') as previous_day, "
        ~ "coalesce(strftime(new_date, '%Y-%m-%d'), '') as day, previous_value, value, change, parameter "
        ~ "from "
        ~ in_schema("build")
        ~ ".run_comparison where not is_within_limit and not is_accepted "
        ~ "order by row_number() over (partition by parameter order by place), place"
    ).rows %}
        {% set from, to = (
            (row["previous_day"] | string, row["day"] | string)
            if row["kind"] == "date"
            else (told_number(row["previous_value"]), told_number(row["value"]))
        ) %}
        {% do words.append(
            row["figure"]
            ~ (" went from " ~ from ~ " to " if from else " is ")
            ~ to
            ~ (" (" ~ row["detail"] ~ ")" if row["detail"])
            ~ (" (" ~ "{:+.1f}".format(100 * row["change"] | float) ~ " %)" if row["kind"] in ["count", "mean"])
            ~ ", more than "
            ~ row["parameter"]
            ~ " ("
            ~ var(row["parameter"])
            ~ ") allows"
        ) %}
    {% endfor %}
    {{ return(words) }}
{% endmacro %}

{% macro told_number(value) %}
    {% if value is none %} {{ return("") }} {% endif %}
    {{ return("{:,.0f}".format(value | float) if value == value | int else "{:,.3f}".format(value | float)) }}
{% endmacro %}

{% macro advice_on_jumps() %}
    {% set given = var("accept_jump_on") | string %}
    {{
        return(
            "Correct the export and build again. If it is as it should be, accept it for today with --vars "
            ~ "'{accept_jump_on: "
            ~ today()
            ~ "}'"
            ~ (" (it is " ~ given ~ ", which counts on that day only)" if given)
            ~ ", or raise the limit. Every figure stands in " ~ in_schema("build") ~ ".run_comparison."
        )
    }}
{% endmacro %}
