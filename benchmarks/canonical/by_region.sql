select
    u.region,
    date_trunc('week', a.happened_at)::date as week,
    coalesce(a.kind, 'other') as kind,
    count(*)::bigint as n_touches,
    (count(*) filter (where a.is_effective))::bigint as n_effective
from activities as a
inner join users as u on u.user_key = a.owner_key
where cast(a.happened_at as date) > $as_of - 365 and cast(a.happened_at as date) <= $as_of
group by u.region, date_trunc('week', a.happened_at), coalesce(a.kind, 'other')
order by u.region, week, kind
