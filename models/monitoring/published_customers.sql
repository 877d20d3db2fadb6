with

    published_lists as (
        select customer_id, segment, cluster_id, source from {{ source("published", "published_recommendations") }}
    )

select
    customer_id,
    max(segment) as segment,
    max(cluster_id) as cluster_id,
    count(*) as places,
    count(*) filter (where source = 'association') as rule_places
from published_lists
group by customer_id
