{#-
  The input tables and their columns: the one place that knows them. The data themselves are read by
  ipre/run/inputs.py.
-#}
{% macro input_columns(table_name) %} {{ return(dict(read_tables(), **store_tables())[table_name]) }} {% endmacro %}

{#- All tables that come through the doors for data. -#}
{% macro read_tables() %} {{ return(dict(input_tables(), **side_tables())) }} {% endmacro %}

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
                    "optional": ["unit_price", "active"],
                },
                "invoices": {
                    "required": ["invoice_id", "customer_id", "product_id", "quantity", "invoice_date"],
                    "optional": [],
                },
                "feedback": {
                    "required": ["customer_id", "product_id", "rating"],
                    "optional": ["rated_by", "rated_at", "comment"],
                },
                "overrides": {
                    "required": ["action"],
                    "optional": [
                        "customer_id",
                        "account_manager",
                        "product_id",
                        "l3_category",
                        "l2_category",
                        "valid_from",
                        "valid_until",
                        "note",
                        "set_by",
                    ],
                },
            }
        )
    }}
{% endmacro %}

{#- Of these, what may be absent or without rows: nobody has rated or overridden anything then. -#}
{% macro optional_tables() %} {{ return(["feedback", "overrides"]) }} {% endmacro %}

{#-
  Tables beside these, each of which may be absent: how people work with the lists, which no list is made from. Their rows
  are checked; no share of rejected rows and no comparison with the night before judges them, and the demo has none.
-#}
{% macro side_tables() %}
    {{
        return(
            {
                "account_managers": {
                    "required": ["user", "role"],
                    "optional": ["account_manager"],
                },
            }
        )
    }}
{% endmacro %}

{#-
  Lists that people keep by hand, row by row. A stale row of one stands in rejected_rows and input_findings and stops no night:
  of five rows two are soon too many for any share.
-#}
{% macro hand_kept_tables() %} {{ return(["overrides", "account_managers"]) }} {% endmacro %}

{#-
  The two tables of the store of ratings (ipre/ratings), which are not the user's export: no share of rejected
  rows and no comparison with the night before judges them.
-#}
{% macro store_tables() %}
    {{
        return(
            {
                "rating_events": {
                    "required": [
                        "event_id",
                        "customer_id",
                        "product_id",
                        "rating",
                        "rated_by",
                        "rated_at",
                        "channel",
                    ],
                    "optional": ["reason_code", "comment", "run_id", "rank", "score", "source"],
                },
                "list_openings": {
                    "required": ["opening_id", "customer_id", "run_id", "opened_by", "opened_at"],
                    "optional": [],
                },
            }
        )
    }}
{% endmacro %}

{#- The folder or address of the user's own files, or "" without any. -#}
{% macro data_dir() %} {% set wanted = wanted_data() %} {{ return("" if wanted == "demo" else wanted) }} {% endmacro %}

{#- What the settings name: a folder, an address, `demo`, or "" when they name nothing. -#}
{% macro wanted_data() %} {{ return((var("data_dir", "") or env_var("IPRE_DATA_DIR", "")) | string) }} {% endmacro %}

{#- Whose data this run is made from: `own`, or `demo` for the invented ones. -#}
{% macro data_kind() %} {{ return("own" if data_dir() or var("input_relations") else "demo") }} {% endmacro %}

{#- Whether the input tables are seeds, which dbt loads later in the run. -#}
{% macro reads_seeds() %} {{ return(data_kind() == "demo" and has_seeds()) }} {% endmacro %}

{#- The relation a staging model reads for one input table: the demo seed, or the source over what was read. -#}
{% macro input_relation(table_name) %}
    {% if not reads_seeds() or table_name not in input_tables() %} {{ return(source("input", table_name)) }}
    {% else %} {{ return(ref(table_name)) }}
    {% endif %}
{% endmacro %}

{#- A column of an input table. The demo lacks some optional ones, as a user's file may. -#}
{% macro read_column(table_name, column, relation) %}
    {#- What is no seed, as the store of ratings, has all its columns. -#}
    {% set seed = graph.nodes.get("seed.ipre." ~ table_name) if execute and reads_seeds() %}
    {% set lacks_it = seed and column not in seed.config.column_types %}
    {{ return("cast(null as string)" if lacks_it else relation ~ "." ~ column) }}
{% endmacro %}

{#-
  One input table: every column of the contract by name, as cleaned text (macros/texts.sql; empty = null), after the
  row's number in its source (1 = first data row).
-#}
{% macro read_input(table_name) %}
    {% set columns = input_columns(table_name) %}
    {% set unreadable = source("input", "unreadable_lines") %}
    {#- In a bare clone there is no such table yet, and `dbt compile` and `dbt docs generate` work all the same. -#}
    {% set some = (
        execute
        and load_relation(unreadable)
        and run_query(
            "select count(*) from " ~ unreadable ~ " where source_table = " ~ sql_literal(table_name)
        ).rows[0][0]
    ) %}
    with
        rows_read as (
            select {{ place_of_row(input_relation(table_name)) }} as place, * from {{ input_relation(table_name) }}
        )
        {% if some %}
            ,
            -- The n-th unreadable line stands behind `row_number - n` readable rows and moves all after them by n.
            shifts as (
                select
                    readable_rows_before,
                    max(shift) as shift,
                    lead(readable_rows_before) over (order by readable_rows_before) as next_readable_rows_before
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
        {% endif %},
        cleaned as (
            select
                rows_read.place
                {% if some %} + coalesce(shifts.shift, 0) {% endif %} as row_number,
                {% for column in columns["required"] + columns["optional"] %}
                    {% set text = read_column(table_name, column, "rows_read") %}
                    {{ clean_id(text) if column.endswith("_id") else clean_text(text) }} as {{ column }}
                    {{ "," if not loop.last }}
                {% endfor %}
            from rows_read
            {% if some %}
                left join
                    shifts
                    on rows_read.place > shifts.readable_rows_before
                    and rows_read.place <= coalesce(shifts.next_readable_rows_before, rows_read.place)
            {% endif %}
        )

    select
        row_number,
        {% for column in columns["required"] + columns["optional"] %}
            case when not ({{ is_a_word_for_nothing(column) }}) then nullif({{ column }}, '') end as {{ column }}
            {{ "," if not loop.last }}
        {% endfor %}
    from cleaned
{% endmacro %}
