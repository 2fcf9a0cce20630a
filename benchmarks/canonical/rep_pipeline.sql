with deals as (
    select opportunity_key, opportunity_id, stage, amount
    from opportunities
    where outcome = 'open' and owner_key = (select min(user_key) from users where role = 'rep')
),
touches as (
    select
        a.opportunity_key,
        count(*) as n_touches,
        count(*) filter (where a.is_effective) as n_effective,
        max(cast(a.happened_at as date)) as last_touch_on
    from activities as a
    inner join deals as d on d.opportunity_key = a.opportunity_key
    where cast(a.happened_at as date) <= $as_of
    group by a.opportunity_key
)
select
    d.opportunity_id,
    d.stage,
    d.amount,
    coalesce(t.n_touches, 0)::integer as n_touches,
    coalesce(t.n_effective, 0)::integer as n_effective,
    t.last_touch_on
from deals as d
left join touches as t on t.opportunity_key = d.opportunity_key
order by d.amount desc nulls last, d.opportunity_id
limit 100
