{#-
  What a published build ends with: a few rows as an account manager sees them, and where everything is.
-#}
{% macro show_result() %}
    {% if flags.QUIET %} {{ return("") }} {% endif %}
    {#- By name: readers see the published table, not the one that ref() means. -#}
    {% set table = in_schema("main") ~ ".final_recommendations" %}
    {% set totals = run_query(
        "select count(*), count(distinct customer_id), max(as_of_date), (select count(*) from "
        ~ in_schema("build")
        ~ ".stg_customers), "
        ~ "(select count(*) from "
        ~ in_schema("build")
        ~ ".rejected_rows) from "
        ~ table
    ).rows[0] %}
    {#- Who is held out is in no list on purpose. -#}
    {% set held_out = (
        run_query("select count(*) from " ~ in_schema("build") ~ ".held_out_customers").rows[0][0]
        if holds_out()
        else 0
    ) %}
    {#- Two customers whose lists tell most: by the share of rules in them, then by id. -#}
    {% set sample = run_query(
        "select customer_name, customer_id, rank, product_name, suggested_quantity, score, explanation from "
        ~ table
        ~ " where customer_id in (select customer_id from "
        ~ table
        ~ " group by customer_id order by "
        ~ "count(triggered_by) desc, customer_id limit 2) order by customer_id, rank"
    ) %}
    {% do log("", info=true) %}
    {% do log(
        "ipre: "
        ~ "{:,}".format(totals[0])
        ~ " recommendations for "
        ~ "{:,}".format(totals[1])
        ~ " of "
        ~ "{:,}".format(totals[3])
        ~ " customers"
        ~ (" (" ~ "{:,}".format(held_out) ~ " held out)" if held_out else "")
        ~ (
            " of the demo data"
            if data_kind() == "demo"
            else " of your data" ~ (" in " ~ data_dir() if data_dir() else "")
        )
        ~ ", as of "
        ~ totals[2]
        ~ "; "
        ~ "{:,}".format(totals[4])
        ~ " input rows rejected"
        ~ (" (see " ~ in_schema("build") ~ ".rejected_rows)." if totals[4] else "."),
        info=true,
    ) %}
    {% do show_findings() %}
    {% if is_learned() %} {% do show_what_was_learned() %} {% endif %}
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
        "Published: table " ~ table ~ where_published(publish_dir(), publish_store()),
        info=true,
    ) %}
{% endmacro %}

{#- What should be looked at in the input: of each kind the three that concern most rows. -#}
{% macro show_findings() %}
    {% set findings = run_query(
        "select sentence, place, total, kind from (select *, count(*) over (partition by kind) as total, row_number() over "
        ~ "(partition by kind order by row_count desc, source_table, subject) as place from "
        ~ in_schema("main")
        ~ ".input_findings) as ordered "
        ~ "where place <= 3 order by kind, place"
    ) %}
    {% for row in findings.rows %}
        {% do log("  " ~ row["sentence"], info=true) %}
        {% if row["place"] == 3 and row["total"] > 3 %}
            {% do log("  And " ~ (row["total"] - 3) ~ " more of this kind (see input_findings).", info=true) %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{#- Whether the learned ranker had enough to learn from. -#}
{% macro show_what_was_learned() %}
    {% set learned = run_query(
        "select max(value) filter (where part = 'decision') as is_learned, "
        ~ "count(distinct model) filter (where part = 'cut_off') as days, "
        ~ "coalesce(sum(value) filter (where part = 'cut_off' and name = 'first_purchases'), 0) as purchases "
        ~ "from "
        ~ in_schema("main")
        ~ ".ranker_weights"
    ).rows[0] %}
    {% set told = (
        "{:,.0f}".format(learned["purchases"]) ~ " first purchases after " ~ learned["days"] ~ " earlier days"
    ) %}
    {% if learned["is_learned"] %}
        {% do log("  The ranker learned from " ~ told ~ " (see ranker_weights).", info=true) %}
    {% else %}
        {% do log(
            "  The ranker had too little to learn from, "
            ~ told
            ~ ": lists are in the order of EASE, without purchase_chance (see ranker_weights).",
            info=true,
        ) %}
    {% endif %}
{% endmacro %}
