{#-
  A night unlike the last: what a jump of run_comparison is told as. The limits stand in dbt_project.yml.
-#}
{#- They judge a run and change none of its numbers. -#}
{% macro jump_limits() %}
    {{
        return(
            {
                "max_rows_lost": {"lowest": 0, "highest": 1},
                "max_rows_gained": {"lowest": 0},
                "max_customers_missing": {"lowest": 0, "highest": 1},
                "max_rules_factor": {"lowest": 1},
                "max_places_changed": {"lowest": 0, "highest": 1},
            }
        )
    }}
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
            ~ (" (" ~ "{:+.1f}".format(100 * row["change"] | float) ~ " %)" if row["kind"] == "count")
            ~ (
                ", more than "
                ~ row["parameter"]
                ~ " ("
                ~ var(row["parameter"])
                ~ ") allows" if row["parameter"] else ", more than is allowed"
            )
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
