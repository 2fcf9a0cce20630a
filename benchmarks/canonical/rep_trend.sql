select
    date_trunc('week', happened_at)::date as week,
    count(*)::bigint as n_touches,
    (count(*) filter (where is_effective))::bigint as n_effective,
    coalesce(sum(minutes), 0)::bigint as minutes
from activities
where owner_key = (select min(user_key) from users where role = 'rep')
    and cast(happened_at as date) > $as_of - 365
    and cast(happened_at as date) <= $as_of
group by date_trunc('week', happened_at)
order by week
