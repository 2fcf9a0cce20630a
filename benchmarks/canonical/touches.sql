with deals as (
    select
        opportunity_key,
        outcome,
        coalesce(case when outcome in ('won', 'lost') then least(cast(closed_at as date), $as_of) end, $as_of) as last_day
    from opportunities
),
touches as (
    select a.opportunity_key, count(*) as n_touches, count(*) filter (where a.is_effective) as n_effective
    from activities as a
    inner join deals as d on d.opportunity_key = a.opportunity_key
    where cast(a.happened_at as date) <= d.last_day
    group by a.opportunity_key
)
select
    least(coalesce(t.n_effective, 0), 20)::integer as n_effective,
    d.outcome,
    count(*)::bigint as n_deals,
    sum(coalesce(t.n_touches, 0))::bigint as n_touches
from deals as d
left join touches as t on t.opportunity_key = d.opportunity_key
group by least(coalesce(t.n_effective, 0), 20), d.outcome
order by least(coalesce(t.n_effective, 0), 20), d.outcome
