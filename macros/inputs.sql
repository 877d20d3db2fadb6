{#-
  Input tables as models/staging/inputs.yml lists them: which relation one is read from, and its columns. The data
  themselves are read by ipre/run/inputs.py.
-#}
{#- The folder with the user's own files (`data_dir`, then `IPRE_DATA_DIR`), or an empty text for the demo data. -#}
{% macro data_dir() %}
    {% set wanted = (var("data_dir", "") or env_var("IPRE_DATA_DIR", "")) | string %}
    {{ return("" if wanted == "demo" else wanted) }}
{% endmacro %}

{#- Whose data this run is made from: `own`, or `demo` for the invented ones. -#}
{% macro data_kind() %} {{ return("own" if data_dir() or var("input_relations") else "demo") }} {% endmacro %}

{#- Whether the input tables are seeds, which dbt loads later in the run: those of the demo, on DuckDB. -#}
{% macro reads_seeds() %} {{ return(data_kind() == "demo" and has_seeds()) }} {% endmacro %}

{#- The names of the input tables that lists are made from; the demo has them as seeds. dbt wants them before it has
    read inputs.yml; a test keeps the lists alike. -#}
{% macro export_tables() %} {{ return(["customers", "products", "invoices", "feedback", "overrides"]) }} {% endmacro %}

{#- The names of all input tables: of each the model judged_<name> judges the rows. -#}
{% macro judged_tables() %}
    {{ return(export_tables() + ["account_managers", "rating_events", "list_openings"]) }}
{% endmacro %}

{#- The relation that an input table is read from: the demo's seed, or the source over what was read. -#}
{% macro input_relation(table_name) %}
    {% set is_seed = reads_seeds() and table_name in export_tables() %}
    {{ return(ref(table_name) if is_seed else source("input", table_name)) }}
{% endmacro %}

{#- The columns of an input table as inputs.yml describes them, by name. While dbt parses there is no list of sources
    yet. -#}
{% macro described_columns(table_name) %}
    {{ return(graph.sources["source.ipre.input." ~ table_name].columns if execute else {}) }}
{% endmacro %}

{#- The names of an input table's columns, as inputs.yml lists them. For customers: customer_id, customer_name ... -#}
{% macro input_columns(table_name) %} {{ return(described_columns(table_name).keys() | list) }} {% endmacro %}

{#- The names of those whose meta has a mark: `required`, `names`, `money` or `prose`. For products and money:
    unit_price. -#}
{% macro columns_marked(table_name, mark) %}
    {% set columns = described_columns(table_name).values() | selectattr("config.meta." ~ mark, "true") %}
    {{ return(columns | map(attribute="name") | list) }}
{% endmacro %}

{#- Of these, what holds ids. For invoices: invoice_id, customer_id, product_id. -#}
{% macro id_columns(table_name) %}
    {% set columns = [] %}
    {% for column in input_columns(table_name) if column.endswith("_id") %} {% do columns.append(column) %} {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{#- SQL of a column of an input table that is there as rows_read; null where the demo data lack it, as a user's file
    may. -#}
{% macro read_column(table_name, column) %}
    {% set seed = graph.nodes.get("seed.ipre." ~ table_name) if execute and reads_seeds() %}
    {{ return("cast(null as string)" if seed and column not in seed.config.column_types else "rows_read." ~ column) }}
{% endmacro %}

{#- SQL of row_number, 1 for the first, and all columns of an input table, as cleaned text. The table is there as
    rows_read. Whatever is no seed was numbered when it was read. -#}
{% macro cleaned_columns(table_name) -%}
    {% set is_seed = reads_seeds() and table_name in export_tables() %}
    {{ place_of_row(ref(table_name)) if is_seed else "rows_read.row_number" }} as row_number
    {%- for column in input_columns(table_name) -%}
        {%- set text = read_column(table_name, column) -%},
        {{ clean_id(text) if column.endswith("_id") else clean_text(text) }} as {{ column }}
    {%- endfor -%}
{%- endmacro %}

{#- SQL of the cleaned columns, null where a cell is empty or holds a word for nothing. Where an empty cell stands for
    everybody, the word stays, and is a reason to reject the row: a look-up that failed names nobody. -#}
{% macro known_columns(table_name) -%}
    row_number
    {%- set naming = columns_marked(table_name, "names") -%}
    {%- for column in input_columns(table_name) -%}
        {%- set known = "nullif(" ~ column ~ ", '')" -%},
        {% if column in naming %} {{ known }} as {{ column }}
        {% else %} case when not ({{ holds_nothing(table_name, column, column) }}) then {{ known }} end as {{ column }}
        {% endif %}
    {%- endfor -%}
{%- endmacro %}

{#- SQL: whether the text of a column is a word for nothing there. Where a number, a date or an id belongs, `NA` is
    one, too. -#}
{% macro holds_nothing(table_name, column, text) %}
    {% set is_free_text = described_columns(table_name)[column].data_type == "string" and not column.endswith("_id") %}
    {{ return(is_a_word_for_nothing(text, is_free_text)) }}
{% endmacro %}

{#- SQL of a row of an input table as read, as JSON text. relation: the name of its table in the query. -#}
{% macro row_as_json(table_name, relation) -%}
    {% set fields = {} %}
    {% for column in input_columns(table_name) %} {% do fields.update({column: relation ~ "." ~ column}) %} {% endfor %}
    {{ json_object(fields) }}
{%- endmacro %}
