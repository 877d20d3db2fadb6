-- Harm: with one direction missing, a customer who has the brush would never hear of the paint. Equal sums over both
-- directions of each cluster, without comparing 40 million rows with each other.
select segment, cluster_id
from {{ ref("associations") }}
group by segment, cluster_id
having
    sum(customers_with_a) <> sum(customers_with_b)
    or count(*) filter (where product_a < product_b) <> count(*) filter (where product_a > product_b)
    or sum(customers_with_both) filter (where product_a < product_b)
    <> sum(customers_with_both) filter (where product_a > product_b)
    or bit_xor(hash(product_a, product_b)) <> bit_xor(hash(product_b, product_a))
