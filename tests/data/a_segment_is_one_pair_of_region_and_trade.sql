-- Harm: North + East_Roofing and North_East + Roofing in one segment, and roofers are shown what others buy.
select segment
from {{ ref("customer_numbers") }}
group by segment
having count(distinct region) > 1 or count(distinct end_use) > 1
union all
select min(segment) as segment
from {{ ref("customer_numbers") }}
group by region, end_use
having count(distinct segment) > 1
