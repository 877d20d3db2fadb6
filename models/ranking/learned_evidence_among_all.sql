{{ evidence_of_step(3, nearer=["learned_evidence_in_cluster", "learned_evidence_in_segment"]) }}
