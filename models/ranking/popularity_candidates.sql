{{ popularity_ladder(ref(ranked_candidates())) }}
