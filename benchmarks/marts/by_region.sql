-- Contacts of the last year by the owner's region, week and kind.
select
    u.region,
    date_trunc('week', r.day)::date as week,
    r.kind,
    sum(r.n_touches)::bigint as n_touches,
    sum(r.n_effective)::bigint as n_effective
from rep_days as r
inner join users as u on u.user_key = r.owner_key
where r.day > $as_of - 365
group by u.region, date_trunc('week', r.day), r.kind
order by u.region, week, r.kind
