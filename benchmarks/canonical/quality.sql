with ranks as (
    select pipeline, stage, case outcome when 'open' then position when 'won' then 1000 else 0 end as rank from stages
),
events as (
    -- A move stands at the end of its day, an inbound contact at its beginning.
    select c.opportunity_key, 2 * (cast(c.changed_at as date) - date '2000-01-01') + 1 as half_day
    from stage_changes as c
    inner join opportunities as d on d.opportunity_key = c.opportunity_key
    inner join ranks as f on f.pipeline is not distinct from d.pipeline and f.stage = c.from_stage
    inner join ranks as t on t.pipeline is not distinct from d.pipeline and t.stage = c.to_stage
    where f.rank > 0 and t.rank > f.rank and cast(c.changed_at as date) <= $as_of
    union all
    select opportunity_key, 2 * (cast(happened_at as date) - date '2000-01-01')
    from activities
    where direction = 'in' and opportunity_key is not null and cast(happened_at as date) <= $as_of
),
touches as (
    select
        owner_key,
        is_effective,
        case when is_effective and cast(happened_at as date) <= $as_of - 14 then opportunity_key end as judged_key,
        2 * (cast(happened_at as date) - date '2000-01-01') as half_day
    from activities
    where owner_key is not null and cast(happened_at as date) > $as_of - 365 and cast(happened_at as date) <= $as_of
)
select
    t.owner_key,
    count(*)::bigint as n_touches,
    (count(*) filter (where t.is_effective))::bigint as n_effective,
    count(t.judged_key)::bigint as n_judged,
    (count(*) filter (where e.half_day <= t.half_day + 29))::bigint as n_progressed
from touches as t
asof left join events as e on e.opportunity_key = t.judged_key and e.half_day > t.half_day
group by t.owner_key
order by t.owner_key
