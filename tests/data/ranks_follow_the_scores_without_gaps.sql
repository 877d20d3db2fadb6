-- Harm: "number one" must be the best, and a list of five must have a third.
{% for model, scores in [
    ("recommendations", ["score"]),
    ("final_recommendations", ["score", "original_score"]),
] %}
    {{ "union all" if not loop.first }}
    select '{{ model }}' as shown_in, customer_id, rank, expected_rank
    from
        (
            select
                customer_id,
                rank,
                row_number() over (
                    partition by customer_id
                    order by
                        case when source = 'pinned' then rank end nulls last,
                        {{ by_score(scores, "recommended_product") }}
                ) as expected_rank
            from {{ ref(model) }}
        ) as ordered
    where rank <> expected_rank
{% endfor %}
