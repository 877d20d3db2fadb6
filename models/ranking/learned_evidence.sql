-- The nearest group of customers in which enough of those who bought the customer's own product bought the candidate,
-- too.
-- Each step counts only what the nearer ones left open: among all customers a pair has thousands of buyers. A step is a
-- model, because Spark computes a step of one query anew wherever it is used, and the last one uses the others
-- hundredfold.
{% for model in ["learned_evidence_in_cluster", "learned_evidence_in_segment", "learned_evidence_among_all"] %}
    select * from {{ ref(model) }} {{ "union all" if not loop.last }}
{% endfor %}
