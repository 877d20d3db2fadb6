with trained_ranker as (select * from {{ ref("trained_ranker") }}) select part, model, name, value from trained_ranker
