{{ popularity_ladder(ref("rule_candidates")) }}
