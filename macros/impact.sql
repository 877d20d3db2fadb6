{#- Of what was shown and of who is held out: what more than one model says. -#}
{#- SQL of the moment at which this run began, UTC. -#}
{% macro run_moment() -%} cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) {%- endmacro %}

{#- How many of 10,000 customers are held out: `holdout_share` as a whole number. 0.07 gives 700. What is no share is
    refused at run start; until then nothing breaks. -#}
{% macro held_out_of_10000() %}
    {{ return((10000 * ([0, [var("holdout_share") | float, 1] | min] | max)) | round | int) }}
{% endmacro %}

{#- Text that names the hold-out: another one when its salt or its share is another. The hold-out goes on as long as it
    stays. -#}
{% macro holdout_name() %} {{ return("held out: " ~ var("holdout_salt") ~ " " ~ held_out_of_10000()) }} {% endmacro %}

{#- SQL: whether a row of held_out_pairs is of this hold-out and of a run that was published, or of this run. -#}
{% macro counts_for_the_hold_out() -%}
    group_name = {{ sql_literal(holdout_name()) }}
    and (
        run_id = '{{ invocation_id }}'
        or run_id in (
            select runs.run_id
            from {{ source("run_log", "build_runs") }} as runs
            inner join {{ source("run_log", "build_runs") }} as this_run on runs.data_kind = this_run.data_kind
            where runs.outcome = 'published' and this_run.run_id = '{{ invocation_id }}'
        )
    )
{%- endmacro %}

{#- SQL: whether a customer is held out: the first eight digits of a hash, as a number modulo 10,000, are below 10,000
    x share. It is the same customer in every run and on every machine, and another salt draws anew. With the salt
    `ipre` C00001's hash begins with 0e7e30f7, 243,151,095; modulo 10,000 it is 1095, so a share of 0.1095 shows the
    customer a list and one of 0.1096 does not. -#}
{% macro is_held_out(customer_id) -%}
    {{ hexadecimal("substr(md5(" ~ sql_literal(var("holdout_salt") ~ ":") ~ " || " ~ customer_id ~ "), 1, 8)") }}
    % 10000
    < {{ held_out_of_10000() }}
{%- endmacro %}

{#- SQL of a bound of the 95 % interval of a share (Wilson), sign - or +: how far off it may be, also of few and where
    nobody or everybody did. 1.96 squared is 3.8416. Doubles from the start: decimals would be cut. 1 of 10 gives 0.018
    and 0.404; null of nothing. -#}
{% macro wilson_bound(part, whole, sign) -%}
    case
        when {{ whole }} > 0 and {{ part }} = {{ "0" if sign == "-" else whole }}
        then {{ "0" if sign == "-" else "1" }}
        when {{ whole }} > 0
        then
            (
                {{ part }} + cast(1.9208 as double)
                {{ sign }} cast(1.96 as double)
                * sqrt({{ part }} * ({{ whole }} - {{ part }}) / {{ whole }} + cast(0.9604 as double))
            )
            / ({{ whole }} + cast(3.8416 as double))
    end
{%- endmacro %}
