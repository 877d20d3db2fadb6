{#-
  Of what was shown and of who is held out: what more than one model says.
-#}
{#- The moment at which this run began, UTC. -#}
{% macro run_moment() -%} cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) {%- endmacro %}

{#- Whether some customers are held out of the lists. -#}
{% macro holds_out() %} {{ return(var("holdout_share") != 0) }} {% endmacro %}

{#- How many of 10,000 customers are held out. What is no share is refused at run start; until then nothing breaks. -#}
{% macro held_out_of_10000() %}
    {{ return((10000 * ([0, [var("holdout_share") | float, 1] | min] | max)) | round | int) }}
{% endmacro %}

{#- The hold-out that goes on as long as this text stays. -#}
{% macro holdout_name() %} {{ return("held out: " ~ var("holdout_salt") ~ " " ~ held_out_of_10000()) }} {% endmacro %}

{#- Whether a row of held_out_pairs belongs to the hold-out of this run, and was left by a run that was published, or by this
    one. -#}
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

{#- Who is held out: the first eight digits of a hash, as a number modulo 10,000, are below 10,000 x share. It is the
    same customer every night and on every machine, and another salt draws anew. -#}
{% macro is_held_out(customer_id) -%}
    {{ hexadecimal("substr(md5(" ~ sql_literal(var("holdout_salt") ~ ":") ~ " || " ~ customer_id ~ "), 1, 8)") }}
    % 10000
    < {{ held_out_of_10000() }}
{%- endmacro %}

{#- A bound of the 95 % interval of a share (Wilson), sign - or +: how far off it may be, also of few and where nobody or
    everybody did. 1.96 squared is 3.8416. Doubles from the start: decimals would be cut. Worked number: 1 of 10 gives 0.018
    to 0.404. -#}
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
