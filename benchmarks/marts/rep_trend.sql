-- One rep's contacts by week of the last year.
select
    date_trunc('week', day)::date as week,
    sum(n_touches)::bigint as n_touches,
    sum(n_effective)::bigint as n_effective,
    sum(minutes)::bigint as minutes
from rep_days
where owner_key = (select min(user_key) from users where role = 'rep') and day > $as_of - 365
group by date_trunc('week', day)
order by week
