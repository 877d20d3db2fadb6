with

    adoptions as (select * from {{ ref("adoptions") }}),

    members as (
        {% for dimension, member in {
            "all": "'all'",
            "source": "first_source",
            "first rank": "cast(first_rank as string)",
            "rating": "coalesce(rating, 'not rated')",
            "account manager": "coalesce(account_manager, 'none')",
            "month shown": "substr(cast(first_shown_on as string), 1, 7)",
        }.items() %}
            {{ "union all" if not loop.first }}
            select '{{ dimension }}' as dimension, {{ member }} as member, is_mature, is_adopted
            from adoptions
        {% endfor %}
    ),

    counted as (
        select
            dimension,
            member,
            count(*) as pairs,
            count(*) filter (where is_mature) as mature,
            count(*) filter (where is_mature and is_adopted) as adopted
        from members
        group by dimension, member
    )

select
    dimension,
    member,
    pairs,
    mature,
    adopted,
    adopted / nullif(mature, 0) as rate,
    {{ wilson_bound("adopted", "mature", "-") }} as rate_low,
    {{ wilson_bound("adopted", "mature", "+") }} as rate_high
from counted
