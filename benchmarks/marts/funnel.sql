-- Deals created in the last year, by pipeline and stage: entered, moved on, lost there, still there.
select
    pipeline,
    position,
    count(*)::bigint as n_entered,
    (count(*) filter (where exit = 'forward'))::bigint as n_forward,
    (count(*) filter (where exit = 'lost'))::bigint as n_lost,
    (count(*) filter (where exit = 'open'))::bigint as n_open
from stage_entries
where created_on > $as_of - 365 and created_on <= $as_of
group by pipeline, position
order by pipeline, position
