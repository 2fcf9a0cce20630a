with deals as (
    select opportunity_key, pipeline, stage, outcome
    from opportunities
    where cast(created_at as date) > $as_of - 365 and cast(created_at as date) <= $as_of
),
tops as (
    select c.opportunity_key, max(greatest(t.position, f.position)) as position
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    left join stages as t on t.pipeline is not distinct from d.pipeline and t.stage = c.to_stage and t.outcome = 'open'
    left join stages as f on f.pipeline is not distinct from d.pipeline and f.stage = c.from_stage and f.outcome = 'open'
    where c.changed_at is null or cast(c.changed_at as date) <= $as_of
    group by c.opportunity_key
),
reached as (
    select
        d.pipeline,
        d.outcome,
        case when d.outcome = 'won' then 1000 else greatest(s.position, t.position, 1) end as position,
        count(*) as n
    from deals as d
    left join stages as s on s.pipeline is not distinct from d.pipeline and s.stage = d.stage and s.outcome = 'open'
    left join tops as t on t.opportunity_key = d.opportunity_key
    group by all
)
select
    s.pipeline,
    s.position,
    sum(r.n)::bigint as n_entered,
    coalesce(sum(r.n) filter (where r.position > s.position), 0)::bigint as n_forward,
    coalesce(sum(r.n) filter (where r.position = s.position and r.outcome = 'lost'), 0)::bigint as n_lost,
    coalesce(sum(r.n) filter (where r.position = s.position and r.outcome <> 'lost'), 0)::bigint as n_open
from stages as s
inner join reached as r on r.pipeline is not distinct from s.pipeline and r.position >= s.position
where s.outcome = 'open'
group by s.pipeline, s.position
order by s.pipeline, s.position
