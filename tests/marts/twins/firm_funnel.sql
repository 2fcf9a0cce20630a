-- Twin of firm_funnel: counted from the deals, without the table of entries.
with deals as (
    select
        o.opportunity_key, o.owner_key, o.pipeline, o.outcome,
        (select u.team from users u where u.user_key = o.owner_key) as team,
        case when o.outcome = 'won' then 999 else list_max([1, coalesce((
            select max(s.position) from stages s
            where s.pipeline = o.pipeline and s.outcome = 'open' and (s.stage = o.stage or exists (
                select 1 from stage_changes c
                where c.opportunity_key = o.opportunity_key and s.stage in (c.from_stage, c.to_stage) and coalesce(c.changed_at::date <= $as_of, true)
            ))
        ), 1)]) end as reached
    from opportunities o
    where o.created_at::date between $as_of - 364 and $as_of
),
groups as (
    select null as team
    union all
    select team from deals where team is not null group by team having count(distinct owner_key) >= 3
)
select
    s.pipeline, g.team, s.position::int as position, s.stage,
    count(*) as n_entered,
    count_if(d.reached > s.position)::bigint as n_forward,
    count_if(d.reached = s.position and d.outcome = 'lost')::bigint as n_lost,
    count_if(d.reached = s.position and d.outcome = 'open')::bigint as n_open
from stages s
cross join groups g
join deals d on d.pipeline = s.pipeline and d.reached >= s.position and (g.team is null or d.team = g.team)
where s.outcome = 'open'
group by all
