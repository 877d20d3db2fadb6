{#-
  Input tables as models/staging/inputs.yml lists them: which relation one is read from, and its columns. The data
  themselves are read by ipre/run/inputs.py.
-#}
{#- The folder or address of the user's own files, or "" without any. -#}
{% macro data_dir() %} {% set wanted = wanted_data() %} {{ return("" if wanted == "demo" else wanted) }} {% endmacro %}

{#- What the settings name: a folder, an address, `demo`, or "" when they name nothing. -#}
{% macro wanted_data() %} {{ return((var("data_dir", "") or env_var("IPRE_DATA_DIR", "")) | string) }} {% endmacro %}

{#- Whose data this run is made from: `own`, or `demo` for the invented ones. -#}
{% macro data_kind() %} {{ return("own" if data_dir() or var("input_relations") else "demo") }} {% endmacro %}

{#- Whether the input tables are seeds, which dbt loads later in the run. -#}
{% macro reads_seeds() %} {{ return(data_kind() == "demo" and has_seeds()) }} {% endmacro %}

{#- The tables that lists are made from; the demo has them as seeds. dbt wants the names of tables before it has read
    inputs.yml; a test keeps the lists alike. -#}
{% macro export_tables() %} {{ return(["customers", "products", "invoices", "feedback", "overrides"]) }} {% endmacro %}

{#- All tables whose rows are judged, each by a model. -#}
{% macro judged_tables() %}
    {{ return(export_tables() + ["account_managers", "rating_events", "list_openings"]) }}
{% endmacro %}

{#- The relation that an input table is read from: the demo's seed, or what was read. -#}
{% macro input_relation(table_name) %}
    {% set is_seed = reads_seeds() and table_name in export_tables() %}
    {{ return(ref(table_name) if is_seed else source("input", table_name)) }}
{% endmacro %}

{#- Its columns as inputs.yml describes them, by name. While dbt parses there is no list of sources yet. -#}
{% macro described_columns(table_name) %}
    {{ return(graph.sources["source.ipre.input." ~ table_name].columns if execute else {}) }}
{% endmacro %}

{% macro input_columns(table_name) %} {{ return(described_columns(table_name).keys() | list) }} {% endmacro %}

{#- Those whose meta has a mark: `required`, `names` or `money`. -#}
{% macro columns_marked(table_name, mark) %}
    {% set columns = [] %}
    {% for column in described_columns(table_name).values() if column.config.meta.get(mark) %}
        {% do columns.append(column.name) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{#- Of these, what holds ids. -#}
{% macro id_columns(table_name) %}
    {% set columns = [] %}
    {% for column in input_columns(table_name) if column.endswith("_id") %} {% do columns.append(column) %} {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{#- A column of an input table. The demo lacks some optional ones, as a user's file may. -#}
{% macro read_column(table_name, column) %}
    {% set seed = graph.nodes.get("seed.ipre." ~ table_name) if execute and reads_seeds() %}
    {{ return("cast(null as string)" if seed and column not in seed.config.column_types else "rows_read." ~ column) }}
{% endmacro %}

{#- The number of a row in its source, 1 for the first. Whatever is no seed was numbered when it was read. -#}
{% macro number_of_row(table_name) %}
    {% set is_seed = reads_seeds() and table_name in export_tables() %}
    {{ return(place_of_row(ref(table_name)) if is_seed else "rows_read.row_number") }}
{% endmacro %}

{#- Every column of an input table as cleaned text, after the row's number. The table must be there as rows_read. -#}
{% macro cleaned_columns(table_name) -%}
    {{ number_of_row(table_name) }} as row_number
    {%- for column in input_columns(table_name) -%}
        {%- set text = read_column(table_name, column) -%},
        {{ clean_id(text) if column.endswith("_id") else clean_text(text) }} as {{ column }}
    {%- endfor -%}
{%- endmacro %}

{#- The same columns with null for a cell that is empty or holds a word for nothing. Where an empty cell stands for everybody, the
    word stays, and is a reason to reject the row: a look-up that failed names nobody. -#}
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

{#- Whether a column's cell holds a word for nothing. Where a number, a date or an id belongs, `NA` is one, too. -#}
{% macro holds_nothing(table_name, column, text) %}
    {% set is_free_text = described_columns(table_name)[column].data_type == "string" and not column.endswith("_id") %}
    {{ return(is_a_word_for_nothing(text, is_free_text)) }}
{% endmacro %}

{#- A row as it was read, as JSON text. -#}
{% macro row_as_json(table_name, relation) -%}
    {% set fields = {} %}
    {% for column in input_columns(table_name) %} {% do fields.update({column: relation ~ "." ~ column}) %} {% endfor %}
    {{ json_object(fields) }}
{%- endmacro %}
