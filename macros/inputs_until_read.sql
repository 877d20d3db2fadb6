{#- Lists of input tables for hooks, figures and monitoring, until they read models/staging/inputs.yml themselves. -#}
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
