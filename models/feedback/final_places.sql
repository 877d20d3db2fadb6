with
    calibrated_candidates as (select * from {{ ref("calibrated_candidates") }})

    {{ fill_places("calibrated_candidates", ["score", "original_score"]) }}
