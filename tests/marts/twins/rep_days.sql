-- Twin of rep_days: progress asked contact by contact.
with judged as (
    select
        a.*,
        a.happened_at::date as day,
        coalesce(a.is_effective, false) and a.opportunity_key is not null and a.happened_at::date + 14 <= $as_of as is_judged,
        exists (
            select 1
            from stage_changes c
            join opportunities o on o.opportunity_key = c.opportunity_key
            join stages f on f.pipeline = o.pipeline and f.stage = c.from_stage
            join stages t on t.pipeline = o.pipeline and t.stage = c.to_stage
            where c.opportunity_key = a.opportunity_key
                and f.outcome <> 'lost' and t.outcome <> 'lost' and f.outcome <> 'won'
                and (t.outcome = 'won' or t.position > f.position)
                and c.changed_at::date between a.happened_at::date and a.happened_at::date + 14
                and c.changed_at::date <= $as_of
        ) as is_moved,
        exists (
            select 1 from activities x
            where x.opportunity_key = a.opportunity_key and x.direction = 'in'
                and x.happened_at::date between a.happened_at::date + 1 and a.happened_at::date + 14
                and x.happened_at::date <= $as_of
        ) as is_answered
    from activities a
    where a.owner_key is not null and a.happened_at::date <= $as_of
)
select
    owner_key, day, coalesce(kind, 'other') as kind,
    count(*)::int as n_touches,
    count_if(is_effective)::int as n_effective,
    count_if(is_judged)::int as n_judged,
    count_if(is_judged and (is_moved or is_answered))::int as n_progressed,
    coalesce(sum(minutes), 0)::int as minutes,
    count_if(coalesce(with_manager, false))::int as n_with_manager
from judged
group by all
