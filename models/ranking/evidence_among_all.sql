{{ evidence_of_step(3, nearer=["evidence_in_cluster", "evidence_in_segment"]) }}
