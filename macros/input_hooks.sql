{#-
  Run start: the input is the right one and is there to be read, or the run stops before any table changes.
-#}
{#- A scheduler that loses its setting would otherwise publish invented customers over the real ones. -#}
{% macro check_data_kind() %}
    {% if is_build() and data_kind() == "demo" and not wanted_data() %}
        {% do call_plugin("check_demo", {"publish_dir": publish_dir()}) %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{% macro connect_inputs() %}
    {% if is_build() and reads_inputs() %}
        {% do call_plugin("read_ratings", {"tables": store_tables(), "data_kind": data_kind()}) %}
        {% do call_plugin(
            "read_inputs",
            {
                "doors": {
                    "data_dir": data_dir(),
                    "relations": var("input_relations"),
                    "databases": var("input_databases"),
                },
                "tables": read_tables(),
                "columns": var("input_columns"),
                "nodes": selected_resources | length,
            },
        ) %}
        {% if var("as_of_date") %} {% do check_as_of_date_is_inside_the_data() %} {% endif %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{% macro reads_inputs() %}
    {% for unique_id in selected_resources if unique_id.startswith("model.ipre.judged_") %}
        {{ return(true) }}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}

{#- Lists for a day before the first or after the last invoice would be made from nothing, or would be old and look new. -#}
{% macro check_as_of_date_is_inside_the_data() %}
    {% if not reads_seeds() %} {% set invoices = in_schema("input") ~ ".invoices" %}
    {% else %}
        {#- The seed is loaded later in the run; its file says the same. -#}
        {% set seed = graph.nodes["seed.ipre.invoices"] %}
        {% set invoices = (
            "read_csv("
            ~ sql_literal(seed.root_path ~ "/" ~ seed.original_file_path)
            ~ ", header = true, all_varchar = true)"
        ) %}
    {% endif %}
    {% set first, last = run_query(
        "select min(day), max(day) from (select "
        ~ parse_date(clean_text("invoice_date"))
        ~ " as day from "
        ~ invoices
        ~ ") as days where not "
        ~ is_in_the_future("day")
    ).rows[0] %}
    {% if first is not none and not (first | string <= var("as_of_date") | string <= last | string) %}
        {% do parameter_error(
            "as_of_date",
            "a date inside the data, from " ~ first ~ " to " ~ last,
            var("as_of_date"),
        ) %}
    {% endif %}
{% endmacro %}
