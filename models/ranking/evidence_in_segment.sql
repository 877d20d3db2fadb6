{{ evidence_of_step(2, nearer=["evidence_in_cluster"]) }}
