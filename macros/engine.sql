{#-
  What engines spell or do in different ways: `default__` is DuckDB's, `spark__` Apache Spark's. Models and other macros
  hold only SQL that DuckDB and Apache Spark take alike and answer alike (tests/python/test_portable_sql.py).
-#}
{#- A text as a SQL literal: O'Brien gives 'O''Brien'. Every value from outside that enters SQL goes through here. -#}
{% macro sql_literal(text) %} {{ return(adapter.dispatch("sql_literal")(text | string)) }} {% endmacro %}

{% macro default__sql_literal(text) %} {{ return("'" ~ text | replace("'", "''") ~ "'") }} {% endmacro %}

{#- Before version 4.1 Spark reads a doubled quote as none. -#}
{% macro spark__sql_literal(text) %}
    {{ return("'" ~ text | replace("\\", "\\\\") | replace("'", "\\'") ~ "'") }}
{% endmacro %}

{#- Several texts as SQL literals with commas between, for `in (..)`. -#}
{% macro texts_in_sql(texts) -%}
    {% for text in texts %} {{ sql_literal(text) }}{{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}

{#- SQL of the whole days from one date to a later one: 0 on the day itself. -#}
{% macro days_between(earlier, later) -%} cast({{ dbt.datediff(earlier, later, "day") }} as bigint) {%- endmacro %}

{#- SQL of a text with every match of a pattern replaced. Pattern and replacement are texts without quotes. -#}
{% macro replace_all(text, pattern, replacement) %}
    {{
        return(
            "regexp_replace("
            ~ text
            ~ ", "
            ~ sql_literal(pattern)
            ~ ", "
            ~ sql_literal(replacement)
            ~ adapter.dispatch("every_match")()
            ~ ")"
        )
    }}
{% endmacro %}

{% macro default__every_match() %} {{ return(", 'g'") }} {% endmacro %}

{% macro spark__every_match() %} {{ return("") }} {% endmacro %}

{#- SQL of a text in composed Unicode form (NFC): é is one letter, however it is encoded. On Spark a function of
    spark/run. -#}
{% macro composed(text) %} {{ return("nfc_normalize(" ~ text ~ ")") }} {% endmacro %}

{#- SQL of the JSON text of an object. fields: name -> SQL of its value. -#}
{% macro json_object(fields) %} {{ return(adapter.dispatch("json_object")(fields)) }} {% endmacro %}

{% macro spark__json_object(fields) -%}
    to_json(
        named_struct(
            {% for name, value in fields.items() %}'{{ name }}', {{ value }}{{ "," if not loop.last }} {% endfor %}
        ),
        map('ignoreNullFields', 'false')
    )
{%- endmacro %}

{% macro default__json_object(fields) -%}
    cast(
        to_json(
            struct_pack(
                {% for name, value in fields.items() %}{{ name }} := {{ value }}{{ "," if not loop.last }} {% endfor %}
            )
        ) as string
    )
{%- endmacro %}

{#- SQL of the number of a row in a seed, 1 for the first. Its rows have no number of their own: rowid counts them in
    the order of the file, and in a seed that was loaded before it goes on from there. `--empty` reads no table. -#}
{% macro place_of_row(relation) -%}
    {% if flags.EMPTY %} row_number() over () {% else %} rowid + 1 - (select min(rowid) from {{ relation }}) {% endif %}
{%- endmacro %}

{#- SQL of a text of up to 15 hexadecimal digits as a whole number. '0000ff10' gives 65,296. -#}
{% macro hexadecimal(digits) %} {{ return(adapter.dispatch("hexadecimal")(digits)) }} {% endmacro %}

{% macro default__hexadecimal(digits) -%} cast('0x' || {{ digits }} as bigint) {%- endmacro %}

{% macro spark__hexadecimal(digits) -%} cast(conv({{ digits }}, 16, 10) as bigint) {%- endmacro %}

{#- Schemas carry their plain names (build, helpers, demo, main), without the target's name before them; on Spark with
    `ipre_` before it. dbt calls it for every model and seed. Hooks and readers name tables with their schema, which
    must not depend on the target; on Spark the schemas of all projects lie beside each other. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.get("schema_prefix", "") ~ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{#- Stops a profile of the user's own that lacks ipre's plugin, and says what to add: without it nothing could be read,
    noted or published. -#}
{% macro check_profile() %} {% do adapter.dispatch("check_profile")() %} {% endmacro %}

{#- The adapter for Spark refuses an output without what it needs. -#}
{% macro spark__check_profile() %} {% endmacro %}

{% macro default__check_profile() %}
    {% set credentials = adapter.config.credentials %}
    {% set names = [] %}
    {% for plugin in credentials.plugins or [] if plugin.module == "ipre.run" %}
        {% do names.append(plugin.alias) %}
    {% endfor %}
    {#- A plugin that is named and not found ends in a traceback before any hook runs, so that is told while parsing. -#}
    {% if (execute and "ipre" not in names) or (names and not credentials.module_paths) %}
        {% do exceptions.raise_compiler_error(
            "ipre: the output '"
            ~ target.name
            ~ "' of the profile in "
            ~ flags.PROFILES_DIR
            ~ " lacks ipre's plugin. Add to it: module_paths: [.], plugins: [{module: ipre.run, alias: ipre, config: "
            ~ "{TimeZone: UTC}}]; or take the project's own profile with --profiles-dir "
            ~ adapter.config.project_root
        ) %}
    {% endif %}
{% endmacro %}

{#- The one way to ipre/run, on Spark to spark/run: calls `do_<action>` (start, check_inputs, end, roll_back) with
    Python objects. -#}
{% macro in_python(action, arguments) %} {% do adapter.dispatch("in_python")(action, arguments) %} {% endmacro %}

{#- By what dbt-duckdb offers plugins. -#}
{% macro default__in_python(action, arguments) %}
    {% do adapter.store_relation("ipre", none, [], action, "", arguments) %}
{% endmacro %}

{% macro spark__in_python(action, arguments) %} {% do adapter.call_plugin(action, arguments) %} {% endmacro %}

{#- SQL of an expression that fails with a text. -#}
{% macro failing(text) %} {{ return(adapter.dispatch("failing")(text)) }} {% endmacro %}

{% macro default__failing(text) -%} error({{ sql_literal(text) }}) {%- endmacro %}

{% macro spark__failing(text) -%} raise_error({{ sql_literal(text) }}) {%- endmacro %}

{#- Whether the demo's data are seeds. On Spark they are read as files are. -#}
{% macro has_seeds() %} {{ return(adapter.dispatch("has_seeds")()) }} {% endmacro %}

{% macro default__has_seeds() %} {{ return(true) }} {% endmacro %}

{% macro spark__has_seeds() %} {{ return(false) }} {% endmacro %}

{#-
  Contracts. The engines give some expressions types of their own: a sum of decimal(18, 4) is decimal(38, 4) on DuckDB and
  decimal(28, 4) on Spark. DuckDB's are the contract; on Spark the columns must be those of the contract and are cast to
  its types, with an error for a value that does not fit.
-#}
{% macro spark__get_assert_columns_equivalent(sql) %}
    {% set found = get_column_schema_from_query(sql) %}
    {% set wanted = get_column_schema_from_query(get_empty_schema_sql(model.columns)) %}
    {% if found | map(attribute="name") | sort != wanted | map(attribute="name") | sort %}
        {% do exceptions.raise_contract_error(format_columns(wanted), format_columns(found)) %}
    {% endif %}
{% endmacro %}

{% macro spark__get_select_subquery(sql) -%}
    select
        {% for name, column in model.columns.items() %}
            cast({{ name }} as {{ column.data_type }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from ({{ sql }}) as built
{%- endmacro %}
