{#-
  The four input tables and their columns: the one place that knows them. The files themselves are read by
  plugins/ipre_runs/inputs.py.
-#}
{% macro input_columns(table_name) %} {{ return(input_tables()[table_name]) }} {% endmacro %}

{% macro input_tables() %}
    {{
        return(
            {
                "customers": {
                    "required": ["customer_id", "customer_name", "region", "end_use"],
                    "optional": ["city", "state", "account_manager"],
                },
                "products": {
                    "required": ["product_id", "product_name", "l2_category", "l3_category"],
                    "optional": ["unit_price"],
                },
                "invoices": {
                    "required": ["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"],
                    "optional": [],
                },
                "feedback": {
                    "required": ["customer_id", "product_id", "rating"],
                    "optional": ["rated_by", "rated_at", "comment"],
                },
            }
        )
    }}
{% endmacro %}

{#- The folder with the user's own files, or "" for the demo data. -#}
{% macro data_dir() %} {{ return((var("data_dir", "") or env_var("IPRE_DATA_DIR", "")) | string) }} {% endmacro %}

{#- Whose data a run reads: `own` or `demo`. -#}
{% macro data_kind() %} {{ return("own" if data_dir() else "demo") }} {% endmacro %}

{#- A text as a SQL literal. Every value from outside that enters SQL goes through here. -#}
{% macro sql_literal(text) %} {{ return("'" ~ (text | string | replace("'", "''")) ~ "'") }} {% endmacro %}

{#- The relation a staging model reads for one input table: the demo seed, or the source over the user's file. -#}
{% macro input_relation(table_name) %}
    {% if data_dir() %} {{ return(source("input", table_name)) }} {% else %} {{ return(ref(table_name)) }} {% endif %}
{% endmacro %}

{#-
  Select list of one input table: every column of the contract by name, as cleaned text (surrounding white
  space removed, empty = null), after the row's number in the file (1 = first data row).
-#}
{% macro read_input(table_name) %}
    {% set columns = input_columns(table_name) %}
    {% set unreadable = source("input", "unreadable_lines") %}
    {% set some = (
        execute
        and run_query(
            "select count(*) from " ~ unreadable ~ " where source_table = " ~ sql_literal(table_name)
        ).rows[0][0]
    ) %}
    with
        rows_read as (
            -- rowid counts the rows of a table in the order in which they were written; in a seed that was loaded
            -- before it goes on from there. `--empty` reads no table.
            select
                {% if flags.EMPTY %} row_number() over ()
                {% else %} rowid + 1 - (select min(rowid) from {{ input_relation(table_name) }})
                {% endif %} as place,
                *
            from {{ input_relation(table_name) }}
        )
        {% if some %}
            ,
            -- The n-th unreadable line stands behind `row_number - n` readable rows and moves all after them by n.
            shifts as (
                select readable_rows_before, max(shift) as shift
                from
                    (
                        select row_number - shift as readable_rows_before, shift
                        from
                            (
                                select row_number, row_number() over (order by row_number) as shift
                                from {{ unreadable }}
                                where source_table = '{{ table_name }}'
                            ) as numbered
                    ) as positions
                group by readable_rows_before
            )
        {% endif %}

    select
        rows_read.place
        {% if some %} + coalesce(shifts.shift, 0) {% endif %} as row_number,
        {% for column in columns["required"] + columns["optional"] %}
            {{ clean_text("rows_read." ~ column) }} as {{ column }},
        {% endfor %}
    from rows_read
    {% if some %} asof left join shifts on rows_read.place > shifts.readable_rows_before {% endif %}
{% endmacro %}

{% macro clean_text(column) -%}
    nullif(trim(cast({{ column }} as varchar), ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')
{%- endmacro %}

{#-
  Run start: read the user's files into the schema `input`, or stop with one message that names the file, the column
  and what was found. Only for a command that builds what is read from there.
-#}
{% macro connect_inputs() %}
    {% if execute and flags.WHICH in ["build", "run", "retry"] and reads_inputs() %}
        {% do call_plugin(
            "read_inputs",
            {"folder": data_dir(), "tables": input_tables(), "nodes": selected_resources | length},
        ) %}
        {% if var("as_of_date") %} {% do check_as_of_date_is_inside_the_data() %} {% endif %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{% macro reads_inputs() %}
    {% for unique_id in selected_resources if unique_id.startswith("model.ipre.read_") %}
        {{ return(true) }}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}

{#- Lists for a day before the first or after the last invoice would be made from nothing, or would be old and look new. -#}
{% macro check_as_of_date_is_inside_the_data() %}
    {% if data_dir() %} {% set invoices = "input.invoices" %}
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
