{{ evidence_of_step(2, nearer=["learned_evidence_in_cluster"]) }}
