-- Of this hold-out alone: with another salt or share another one begins.
{% set published %}
    select *
    from {{ source("published", "published_held_out") }}
    where group_name = {{ sql_literal(holdout_name()) }}
{% endset %}
{{ ledger(ref("held_out_recommendations"), published, holdout_name()) }}
