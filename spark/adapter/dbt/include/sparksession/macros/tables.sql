{#- dbt-spark's table materialization asks for this; its own version is written for Databricks. -#}
{% macro sparksession__create_table_as(temporary, relation, compiled_code, language="sql") -%}
    {%- if language == "sql" -%} {{ spark__create_table_as(temporary, relation, compiled_code, language) }}
    {%- else -%} {{ session_python_model(compiled_code, relation) }}
    {%- endif -%}
{%- endmacro %}

{% macro session_python_model(compiled_code, relation) -%}
{{ compiled_code }}

import pandas

answer = model(dbtObj(spark.table), spark)
if isinstance(answer, pandas.DataFrame):
    answer = spark.createDataFrame(answer)
answer.write.mode("overwrite").format("{{ config.get('file_format', 'parquet') }}").saveAsTable("{{ relation }}")
{%- endmacro %}

{#- dbt-spark takes a model without a file format for one in Delta when it comes to constraints, and for Parquet before. -#}
{% macro sparksession__persist_constraints(relation, model) -%}
    {% if config.get("file_format", "parquet") == "delta" %} {{ spark__persist_constraints(relation, model) }} {% endif %}
{%- endmacro %}
