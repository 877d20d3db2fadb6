{#-
  What was shown, and what came of it: the rules of the room impact that more than one model uses.
-#}
{#- The columns of a ledger and their types. -#}
{% macro ledger_columns() %}
    {{
        return(
            {
                "customer_id": "varchar",
                "product_id": "varchar",
                "first_run_id": "varchar",
                "last_run_id": "varchar",
                "first_source": "varchar",
                "first_triggered_by": "varchar",
                "group_name": "varchar",
                "ended_because": "varchar",
                "runs_shown": "integer",
                "first_rank": "integer",
                "best_rank": "integer",
                "last_rank": "integer",
                "first_score": "double",
                "suggested_quantity": "bigint",
                "unit_price": "double",
                "first_published_at": "timestamp",
                "ended_at": "timestamp",
                "first_shown_on": "date",
                "last_shown_on": "date",
                "ended_on": "date",
            }
        )
    }}
{% endmacro %}

{#- The columns of a ledger out of one relation, some of them as another expression. -#}
{% macro ledger_row(relation, changed) -%}
    {% for column in ledger_columns() %}
        {{ changed.get(column, relation ~ "." ~ column) }} as {{ column }} {{ "," if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- The moment at which this run began, UTC. -#}
{% macro run_moment() -%} cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) {%- endmacro %}

{#-
  A ledger as of this run: the published one, with the spells that today's lists begin, go on with or end.

  A run for an earlier day than the newest in the ledger looks back: it begins nothing and ends nothing, else what was
  bought since would count as bought after it was shown. A second build of the newest day goes on with what the first one
  ended, and counts no day twice.

  Arguments: lists (relation of the room lists), published (query of the published spells), group_name.
-#}
{% macro ledger(lists, published, group_name) %}
    {%- set run_id, moment = "'" ~ invocation_id ~ "'", run_moment() -%}
    {%- set no_end = {
        "ended_because": "cast(null as string)",
        "ended_at": "cast(null as timestamp)",
        "ended_on": "cast(null as date)",
    } -%}
    with

        as_of as (select as_of_date from {{ ref("as_of") }}),

        published_run as (select changed_data from {{ source("published", "published_run") }}),

        -- What was shown of data of another kind is nothing of these.
        spells as (
            select published_spells.*
            from ({{ published }}) as published_spells
            cross join published_run
            where published_run.changed_data is null
        ),

        newest as (select max(greatest(last_shown_on, coalesce(ended_on, last_shown_on))) as day from spells),

        this_run as (
            select as_of.as_of_date, coalesce(as_of.as_of_date < newest.day, false) as looks_back
            from as_of
            cross join newest
        ),

        products as (select product_id, unit_price from {{ ref("stg_products") }}),

        listed as (
            select
                lists.customer_id,
                lists.recommended_product as product_id,
                lists.source,
                lists.triggered_by,
                lists.rank,
                lists.score,
                lists.suggested_quantity,
                products.unit_price,
                this_run.as_of_date
            from {{ lists }} as lists
            inner join products on lists.recommended_product = products.product_id
            cross join this_run
            where not this_run.looks_back
        ),

        finished as (
            select spells.*
            from spells
            cross join this_run
            where this_run.looks_back or spells.ended_on < this_run.as_of_date
        ),

        -- Open, or ended by another build of the same day.
        recent as (
            select spells.*, this_run.as_of_date
            from spells
            cross join this_run
            where not this_run.looks_back and coalesce(spells.ended_on, this_run.as_of_date) = this_run.as_of_date
        ),

        ended as ({{ endings("recent", "listed") }})

    select {{ ledger_row("finished", {}) }}
    from finished
    union all
    select
        {{
            ledger_row(
                "recent",
                dict(
                    no_end,
                    last_run_id=run_id,
                    last_shown_on="recent.as_of_date",
                    runs_shown=(
                        "recent.runs_shown + case when recent.last_shown_on < recent.as_of_date then 1 else 0 end"
                    ),
                    best_rank="least(recent.best_rank, listed.rank)",
                    last_rank="listed.rank",
                ),
            )
        }}
    from recent
    inner join listed on recent.customer_id = listed.customer_id and recent.product_id = listed.product_id
    union all
    select
        {{
            ledger_row(
                "ended",
                {
                    "ended_because": "coalesce(ended.ended_because, ended.reason)",
                    "ended_at": "coalesce(ended.ended_at, " ~ moment ~ ")",
                    "ended_on": "ended.as_of_date",
                },
            )
        }}
    from ended
    union all
    select
        {{
            ledger_row(
                "listed",
                dict(
                    no_end,
                    first_run_id=run_id,
                    last_run_id=run_id,
                    first_source="listed.source",
                    first_triggered_by="listed.triggered_by",
                    group_name=sql_literal(group_name),
                    runs_shown="1",
                    first_rank="listed.rank",
                    best_rank="listed.rank",
                    last_rank="listed.rank",
                    first_score="listed.score",
                    first_published_at=moment,
                    first_shown_on="listed.as_of_date",
                    last_shown_on="listed.as_of_date",
                ),
            )
        }}
    from listed
    anti join recent on listed.customer_id = recent.customer_id and listed.product_id = recent.product_id
{% endmacro %}

{#- Spells that today's lists do not go on with, each with a reason: the first that is so. -#}
{% macro endings(spells, listed) %}
    select
        {{ spells }}.*,
        case
            when customers.customer_id is null
            then 'customer gone'
            {% if holds_out() %} when held_out.customer_id is not null then 'held out' {% endif %}
            when basket.customer_id is not null
            then 'bought'
            when offered.product_id is null
            then 'not offered'
            when excluded.product_id is not null
            then 'excluded'
            when rated.customer_id is not null
            then 'rated'
            else 'outranked'
        end as reason
    from {{ spells }}
    left join {{ ref("stg_customers") }} as customers on {{ spells }}.customer_id = customers.customer_id
    {% if holds_out() %}
        left join {{ ref("held_out_customers") }} as held_out on {{ spells }}.customer_id = held_out.customer_id
    {% endif %}
    left join
        {{ ref("market_basket") }} as basket
        on {{ spells }}.customer_id = basket.customer_id
        and {{ spells }}.product_id = basket.product_id
    -- Everybody's popularity holds the whole catalogue, without what is never shown.
    left join
        (
            select numbers.product_id
            from {{ ref("product_numbers") }} as numbers
            inner join
                {{ ref("popularity") }} as popularity
                on numbers.product_number = popularity.product_number
                and popularity.ladder_step = 3
        ) as offered
        on {{ spells }}.product_id = offered.product_id
    left join
        ({{ excluded_ids() }}) as excluded
        on {{ spells }}.customer_id = excluded.customer_id
        and {{ spells }}.product_id = excluded.product_id
    left join
        (select customer_id, recommended_product from {{ ref("recommendation_candidates") }} where is_dropped) as rated
        on {{ spells }}.customer_id = rated.customer_id
        and {{ spells }}.product_id = rated.recommended_product
    anti join
        {{ listed }}
        on {{ spells }}.customer_id = {{ listed }}.customer_id
        and {{ spells }}.product_id = {{ listed }}.product_id
{% endmacro %}

{#- Whether some customers are held out of the lists. -#}
{% macro holds_out() %} {{ return(var("holdout_share") != 0) }} {% endmacro %}

{#- Rows of a relation without those of customers who are held out; to stand behind its name in FROM. -#}
{% macro without_held_out(relation) -%}
    {% if holds_out() %}
        anti join
            {{ ref("held_out_customers") }} as held_out_customers
            on {{ relation }}.customer_id = held_out_customers.customer_id
    {% endif %}
{%- endmacro %}

{#- How many of 10,000 customers are held out. What is no share is refused at run start; until then nothing breaks. -#}
{% macro held_out_of_10000() %}
    {{ return((10000 * ([0, [var("holdout_share") | float, 1] | min] | max)) | round | int) }}
{% endmacro %}

{#- The hold-out that goes on as long as this text stays. -#}
{% macro holdout_name() %} {{ return("held out: " ~ var("holdout_salt") ~ " " ~ held_out_of_10000()) }} {% endmacro %}

{#- Who is held out: the first eight digits of a hash, as a number modulo 10,000, are below 10,000 x share. It is the
    same customer every night and on every machine, and another salt draws anew. -#}
{% macro is_held_out(customer_id) -%}
    {{ hexadecimal("substr(md5(" ~ sql_literal(var("holdout_salt") ~ ":") ~ " || " ~ customer_id ~ "), 1, 8)") }}
    % 10000
    < {{ held_out_of_10000() }}
{%- endmacro %}

{#- Bounds of the 95 % interval of a share (Wilson): how far off it may be, also of few and where nobody or everybody did.
    Worked number: 1 of 10 gives 0.018 to 0.404. -#}
{% macro wilson_low(part, whole) -%}
    case when {{ part }} > 0 then {{ wilson_bound(part, whole, "-") }} when {{ whole }} > 0 then 0 end
{%- endmacro %}

{% macro wilson_high(part, whole) -%}
    case when {{ part }} < {{ whole }} then {{ wilson_bound(part, whole, "+") }} when {{ whole }} > 0 then 1 end
{%- endmacro %}

{% macro wilson_bound(part, whole, sign) -%}
    {#- 1.96 squared is 3.8416, a half of it 1.9208, a quarter 0.9604. Doubles from the start: decimals would be cut. -#}
    (
        {{ part }} + cast(1.9208 as double)
        {{ sign }} cast(1.96 as double)
        * sqrt({{ part }} * ({{ whole }} - {{ part }}) / {{ whole }} + cast(0.9604 as double))
    )
    / ({{ whole }} + cast(3.8416 as double))
{%- endmacro %}

{#- What shown and held-out customers are compared by: the columns of uplift_values. -#}
{% macro uplift_outcomes() %}
    {{
        return(
            [
                "bought_a_listed_product",
                "listed_products_bought",
                "value_of_listed_products",
                "new_products",
                "turnover",
            ]
        )
    }}
{% endmacro %}

{#- Variance of a sample, from its sum, the sum of its squares and its size; null of fewer than two. Worked number: 1, 2
    and 6 have the sum 9 and the squares 41, so (41 - 9 * 9 / 3) / 2 = 7. -#}
{% macro variance(total, squares, counted) -%}
    case
        when {{ counted }} > 1
        then greatest({{ squares }} - {{ total }} * {{ total }} / {{ counted }}, 0) / ({{ counted }} - 1)
    end
{%- endmacro %}
