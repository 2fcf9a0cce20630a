-- Contacts of each rep in the last year: how many, how many real, how many of those led to something within 14 days.
select
    owner_key,
    sum(n_touches)::bigint as n_touches,
    sum(n_effective)::bigint as n_effective,
    sum(n_judged)::bigint as n_judged,
    sum(n_progressed)::bigint as n_progressed
from rep_days
where day > $as_of - 365
group by owner_key
order by owner_key
