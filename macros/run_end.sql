{#-
  Run end: after a good build, a few rows as an account manager sees them and where the table is.
-#}
{% macro show_result(results) %}
    {% if execute and flags.WHICH in ["build", "run"] and not flags.QUIET %}
        {% set bad = (
            results
            | selectattr("status", "in", ["error", "fail", "skipped", "runtime error", "partial success"])
            | list
        ) %}
        {% set built = results | map(attribute="node.unique_id") | list %}
        {% if not bad and "model.ipre.final_recommendations.v1" in built %} {% do print_sample() %} {% endif %}
    {% endif %}
    {{ return("") }}
{% endmacro %}

{% macro print_sample() %}
    {#- By name: a hook's ref() is not resolved where it runs only after a good build. -#}
    {% set table = target.schema ~ ".final_recommendations" %}
    {% set totals = run_query(
        "select count(*), count(distinct customer_id), max(as_of_date), (select count(*) from "
        ~ target.schema
        ~ ".stg_customers), (select count(*) from "
        ~ target.schema
        ~ ".rejected_rows) from "
        ~ table
    ).rows[0] %}
    {#- Two customers whose lists tell most: by the share of rules in them, then by id. -#}
    {% set sample = run_query(
        "select customer_name, customer_id, rank, product_name, suggested_quantity, score, explanation from "
        ~ table
        ~ " where customer_id in (select customer_id from "
        ~ table
        ~ " group by customer_id order by "
        ~ "count(*) filter (where source = 'association') desc, customer_id limit 2) order by customer_id, rank"
    ) %}
    {% do log("", info=true) %}
    {% do log(
        "ipre: "
        ~ "{:,}".format(totals[0])
        ~ " recommendations for "
        ~ "{:,}".format(totals[1])
        ~ " of "
        ~ "{:,}".format(totals[3])
        ~ " customers, as of "
        ~ totals[2]
        ~ "; "
        ~ "{:,}".format(totals[4])
        ~ " input rows rejected"
        ~ (" (see rejected_rows)." if totals[4] else "."),
        info=true,
    ) %}
    {% for row in sample.rows %}
        {% if row["rank"] == 1 %}
            {% do log("", info=true) %} {% do log(row["customer_name"] ~ " (" ~ row["customer_id"] ~ ")", info=true) %}
        {% endif %}
        {% do log(
            "  "
            ~ row["rank"]
            ~ ". "
            ~ row["product_name"]
            ~ ", quantity "
            ~ row["suggested_quantity"]
            ~ ", score "
            ~ "{:.2f}".format(row["score"]),
            info=true,
        ) %}
        {% do log("     " ~ row["explanation"], info=true) %}
    {% endfor %}
    {% do log("", info=true) %}
    {% do log(
        "Table " ~ table ~ " in the DuckDB file " ~ env_var("IPRE_WAREHOUSE", "warehouse/ipre.duckdb"),
        info=true,
    ) %}
{% endmacro %}
