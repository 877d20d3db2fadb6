{#-
  What run_comparison compares from one run to the next. The limits stand in macros/jumps.sql.
-#}
{#-
  The figures in the order of reading. kind: how the change is measured (see _monitoring.yml). input: no parameter of
  the lists moves it. falls, rises: the parameters that limit it. from, value, detail: where figures_now finds it.
  things: what a share is a share of, for min_jump.
-#}
{% macro compared_figures() %}
    {% set figures = [] %}
    {#- What is kept by hand may come and go. -#}
    {% for table_name in input_tables() if table_name not in hand_kept_tables() %}
        {% for what in ["read", "accepted"] %}
            {% do figures.append(
                {
                    "name": table_name ~ "_" ~ what,
                    "kind": "count",
                    "input": true,
                    "falls": "max_rows_lost",
                    "rises": "max_rows_gained" if table_name != "feedback" else none,
                    "from": "input_rows where source_table = " ~ sql_literal(table_name),
                    "value": "rows_" ~ what,
                }
            ) %}
        {% endfor %}
    {% endfor %}
    {% do figures.extend(
        [
            {
                "name": "return_lines",
                "kind": "count",
                "input": true,
                "falls": "max_rows_lost",
                "rises": "max_rows_gained",
                "from": "input_figures",
                "value": "return_lines",
            },
            {
                "name": "mean_quantity",
                "kind": "mean",
                "input": true,
                "falls": "max_quantity_change",
                "rises": "max_quantity_change",
                "from": "input_figures",
                "value": "mean_quantity",
                "things": "invoice_lines",
            },
            {
                "name": "newest_invoice_date",
                "kind": "date",
                "input": true,
                "falls": "max_days_back",
                "rises": "max_days_ahead",
                "from": "input_figures",
                "value": "newest_invoice_date",
            },
            {
                "name": "invoice_days",
                "kind": "days",
                "input": true,
                "falls": "max_invoice_days_lost",
                "from": "input_figures",
                "value": "invoice_days",
            },
            {
                "name": "segments",
                "kind": "count",
                "input": true,
                "falls": "max_segments_change",
                "rises": "max_segments_change",
                "from": "input_figures",
                "value": "segments",
            },
            {
                "name": "share_of_customers_missing",
                "kind": "step",
                "input": true,
                "rises": "max_customers_missing",
                "from": "customer_steps",
                "value": "missing / nullif(customers, 0)",
                "things": "customers",
                "detail": "missing || ' of ' || customers",
            },
            {
                "name": "share_of_customers_in_another_segment",
                "kind": "step",
                "input": true,
                "rises": "max_customers_in_another_segment",
                "from": "customer_steps",
                "value": "in_another_segment / nullif(present, 0)",
                "things": "present",
                "detail": "in_another_segment || ' of ' || present",
            },
            {"name": "as_of_date", "kind": "date", "from": "as_of", "value": "as_of_date"},
            {
                "name": "customers_with_a_basket",
                "kind": "count",
                "rises": "max_rows_gained",
                "from": "list_figures",
                "value": "customers_with_a_basket",
            },
            {
                "name": "share_of_baskets_lost",
                "kind": "step",
                "rises": "max_baskets_lost",
                "from": "customer_steps",
                "value": "baskets_lost / nullif(baskets, 0)",
                "things": "baskets",
                "detail": "baskets_lost || ' of ' || baskets",
            },
            {
                "name": "largest_loss_of_a_segment",
                "kind": "step",
                "rises": "max_segment_loss",
                "from": "customer_steps",
                "value": "largest_loss",
                "detail": "largest_loss_detail",
            },
            {
                "name": "products_in_baskets",
                "kind": "count",
                "falls": "max_rows_lost",
                "rises": "max_rows_gained",
                "from": "list_figures",
                "value": "products_in_baskets",
            },
            {
                "name": "clusters",
                "kind": "count",
                "falls": "max_clusters_factor",
                "rises": "max_clusters_factor",
                "from": "list_figures",
                "value": "clusters",
            },
            {
                "name": "rules",
                "kind": "count",
                "falls": "max_rules_factor",
                "rises": "max_rules_factor",
                "from": "list_figures",
                "value": "rules",
            },
            {
                "name": "share_of_places_from_rules",
                "kind": "share",
                "falls": "max_rule_places_change",
                "rises": "max_rule_places_change",
                "from": "list_figures",
                "value": "places_from_rules / nullif(places, 0)",
                "things": "places",
            },
            {
                "name": "share_of_places_changed",
                "kind": "step",
                "rises": "max_places_changed",
                "from": "place_steps",
                "value": "places_changed / nullif(places, 0)",
                "things": "places",
                "detail": "places_changed || ' of ' || places",
            },
        ]
    ) %}
    {{ return(figures) }}
{% endmacro %}
