{#-
  The four input tables and their columns: the one place that knows them.
-#}
{% macro input_columns(table_name) %}
    {% set columns = {
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
    } %}
    {{ return(columns[table_name]) }}
{% endmacro %}

{#- The folder with the user's own files, or "" for the demo data. -#}
{% macro data_dir() %} {{ return((var("data_dir", "") or env_var("IPRE_DATA_DIR", "")) | string) }} {% endmacro %}

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
    select
        row_number() over () as row_number,
        {% for column in columns["required"] + columns["optional"] %}
            {{ clean_text(column) }} as {{ column }},
        {% endfor %}
    from {{ input_relation(table_name) }}
{% endmacro %}

{% macro clean_text(column) -%}
    nullif(trim(cast({{ column }} as varchar), ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')
{%- endmacro %}

{#-
  Run start: make the source views over the files in the data folder, or stop with one message that names the
  file, the column and what was found. The views hold every column as text, missing optional ones as null.
-#}
{% macro connect_inputs() %}
    {% if execute and data_dir() and flags.WHICH in ["build", "run", "test", "seed", "snapshot"] %}
        {% do run_query("create schema if not exists input") %}
        {% for table_name in ["customers", "products", "invoices", "feedback"] %}
            {% do run_query(input_view_sql(table_name)) %}
        {% endfor %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{% macro input_view_sql(table_name) %}
    {% set columns = input_columns(table_name) %}
    {% set file = find_input_file(table_name) %}
    {% set select_list = [] %}
    {% if not file %}
        {% for column in columns["required"] + columns["optional"] %}
            {% do select_list.append("cast(null as varchar) as " ~ column) %}
        {% endfor %}
        {% set from_clause = "(select 1) as nothing where false" %}
    {% else %}
        {% set found = csv_header(file) if file.endswith(".csv") else parquet_columns(file) %}
        {% set from_clause = read_file_sql(file, found, columns["required"] + columns["optional"]) %}
        {% for column in columns["required"] + columns["optional"] if found.count(column) > 1 %}
            {% do input_error(
                "file "
                ~ file
                ~ ": column '"
                ~ column
                ~ "' stands "
                ~ found.count(column)
                ~ " times in the header. Keep the one to be read. Columns found: "
                ~ (found | join(", "))
                ~ ".",
            ) %}
        {% endfor %}
        {% for column in columns["required"] %}
            {% if column not in found %}
                {% do input_error(
                    "file "
                    ~ file
                    ~ ": required column '"
                    ~ column
                    ~ "' is missing. Columns found: "
                    ~ (found | join(", "))
                    ~ ". Rename the column or add it (names are matched exactly; CSV files "
                    ~ "are comma-separated with a header line).",
                ) %}
            {% endif %}
            {% do select_list.append("cast(" ~ adapter.quote(column) ~ " as varchar) as " ~ column) %}
        {% endfor %}
        {% for column in columns["optional"] %}
            {% set expression = adapter.quote(column) if column in found else "null" %}
            {% do select_list.append("cast(" ~ expression ~ " as varchar) as " ~ column) %}
        {% endfor %}
    {% endif %}
    {{
        return(
            "create or replace view input."
            ~ table_name
            ~ " as select "
            ~ (select_list | join(", "))
            ~ " from "
            ~ from_clause
        )
    }}
{% endmacro %}

{% macro input_error(text) %} {{ exceptions.raise_compiler_error("ipre input: " ~ text) }} {% endmacro %}

{#- Path of one input file, "" for absent feedback; an error for any other absent or ambiguous file. -#}
{% macro find_input_file(table_name) %}
    {% set folder = data_dir().rstrip("/") %}
    {% set files = run_query("select file from glob(" ~ sql_literal(glob_escape(folder) ~ "/*") ~ ") order by file") %}
    {% set files = files.columns[0].values() | list %}
    {% set matches = [] %}
    {% for ending in ["csv", "parquet"] %}
        {% for file in files if file == folder ~ "/" ~ table_name ~ "." ~ ending %}
            {% do matches.append(file) %}
        {% endfor %}
    {% endfor %}
    {% if matches | length > 1 %}
        {% do input_error("both " ~ (matches | join(" and ")) ~ " exist. Keep the one to be read.") %}
    {% elif matches | length == 1 %} {{ return(matches[0]) }}
    {% elif table_name == "feedback" %} {{ return("") }}
    {% else %}
        {% do input_error(
            "file "
            ~ folder
            ~ "/"
            ~ table_name
            ~ ".csv (or .parquet) is missing. Files found in "
            ~ folder
            ~ ": "
            ~ ((files | join(", ")) or "none")
            ~ ". Set data_dir (or IPRE_DATA_DIR) to the folder "
            ~ "that holds customers, products, invoices and, if you have it, feedback."
        ) %}
    {% endif %}
{% endmacro %}

{#- A folder name with the pattern signs of glob() taken literally. -#}
{% macro glob_escape(path) %}
    {{ return(path | replace("[", "[[]") | replace("*", "[*]") | replace("?", "[?]")) }}
{% endmacro %}

{% macro parquet_columns(file) %}
    {{ return(run_query("describe select * from " ~ read_file_sql(file)).columns[0].values() | list) }}
{% endmacro %}

{#-
  Column names in the first line of a CSV file. Read here, as plain text, because DuckDB's detection renames repeated
  columns, skips lines that it takes for titles or comments, and accepts a wrong header by position.
-#}
{% macro csv_header(file) %}
    {% set lines = (
        run_query(
            "select line from read_csv("
            ~ sql_literal(glob_escape(file))
            ~ ", auto_detect = false, header = false, delim = chr(1), quote = '', escape = '', comment = '', "
            ~ "columns = {'line': 'VARCHAR'}, null_padding = true) limit 1"
        )
        .columns[0]
        .values()
        | list
    ) %}
    {% if not lines %}
        {% do input_error("file " ~ file ~ " is empty. It must have a header line with the column names.") %}
    {% endif %}
    {% set names = [] %}
    {% for quoted, plain in modules.re.findall(
        '(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)', lines[0].lstrip("\ufeff").rstrip("\r\n") ~ ","
    ) %}
        {% do names.append((quoted.replace('""', '"') or plain) | trim) %}
    {% endfor %}
    {#- The comma added above closes the last name; what the pattern finds after it is no column. -#}
    {{ return(names[:-1]) }}
{% endmacro %}

{#- The file as a table, every CSV column as text under its name in the header. Columns that ipre does not know are
    not read. -#}
{% macro read_file_sql(file, names=[], wanted=[]) %}
    {% if file.endswith(".parquet") %} {{ return("read_parquet(" ~ sql_literal(glob_escape(file)) ~ ")") }}
    {% else %}
        {% set columns = [] %}
        {% for name in names %}
            {% set column = name if name in wanted else "unread column " ~ loop.index %}
            {% do columns.append(sql_literal(column) ~ ": 'VARCHAR'") %}
        {% endfor %}
        {{
            return(
                "read_csv("
                ~ sql_literal(glob_escape(file))
                ~ ", auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', comment = '', "
                ~ "columns = {"
                ~ (columns | join(", "))
                ~ "})"
            )
        }}
    {% endif %}
{% endmacro %}
