{{ evidence_of_step(1, nearer=[]) }}
