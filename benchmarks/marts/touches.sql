-- Deals by their number of real contacts and by how they ended.
select
    least(n_effective, 20) as n_effective,
    outcome,
    count(*)::bigint as n_deals,
    sum(n_touches)::bigint as n_touches
from deal_facts
group by least(n_effective, 20), outcome
order by least(n_effective, 20), outcome
