-- Twin of firm_stage_odds: reached places by asking each decided deal for its stages one by one.
with decided as (
    select
        o.opportunity_key, o.pipeline, o.outcome = 'won' as is_won, s.position,
        o.outcome = 'won'
        or s.position = 1
        or exists (
            select 1 from stages x
            where x.pipeline = o.pipeline and x.outcome = 'open' and x.position >= s.position
                and (x.stage = o.stage or exists (
                    select 1 from stage_changes c
                    where c.opportunity_key = o.opportunity_key and x.stage in (c.from_stage, c.to_stage)
                        and coalesce(c.changed_at::date <= $as_of, true)
                ))
        ) as is_reached
    from opportunities o
    join stages s on s.pipeline = o.pipeline and s.outcome = 'open'
    where o.outcome in ('won', 'lost')
),
counted as (
    select
        s.*,
        (select count(*) from decided d where d.pipeline = s.pipeline and d.position = s.position and d.is_reached) as n_decided,
        (select count(*) from decided d where d.pipeline = s.pipeline and d.position = s.position and d.is_won) as n_won,
        coalesce(
            (select avg(is_won::int) from decided d where d.pipeline = s.pipeline and d.position = 1),
            (select avg((o.outcome = 'won')::int) from opportunities o where o.outcome in ('won', 'lost'))
        ) as mean
    from stages s
    where s.outcome = 'open'
)
select
    pipeline, position::int as position, stage, n_decided, n_won,
    coalesce((n_won + 20 * mean) / (n_decided + 20), default_probability)::double as odds
from counted
