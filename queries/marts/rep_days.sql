-- What: contacts of each rep by day and kind: how many, how many real, and what came of them.
-- Row: one owner, one day, one kind with at least one activity, up to the as-of date.
-- Definition: judged are effective contacts on a deal at least 14 days before the as-of date, so that each had its time.
--   progressed are those after which the deal moved to a higher stage (or won) on the same day or within 14 days, or after which an
--   inbound contact on the deal came on a later day within 14 days (a reply on the same day cannot be told from the talk itself).
-- Columns:
--   owner_key integer: users
--   day date: day of the contact
--   kind varchar: call, visit, meeting, email, message, demo, quote, other
--   n_touches integer: activities
--   n_effective integer: effective contacts
--   n_judged integer: effective contacts on a deal, old enough to judge
--   n_progressed integer: of those, followed by progress
--   minutes integer: minutes of all activities
--   n_with_manager integer: activities with somebody above the owner
with positions as (
    select
        pipeline,
        stage,
        case outcome when 'open' then position when 'won' then 1000 when 'lost' then 0 end as rank
    from stages
),
deals as (
    select opportunity_key, pipeline from opportunities
),
events as (
    -- Half-days: a move stands at the end of its day, an inbound contact at its beginning, so that a move of the same day
    -- follows a contact and an inbound contact of the same day does not.
    select c.opportunity_key, 2 * (cast(c.changed_at as date) - date '2000-01-01') + 1 as half_day
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    inner join positions as f on f.pipeline is not distinct from d.pipeline and f.stage = c.from_stage
    inner join positions as t on t.pipeline is not distinct from d.pipeline and t.stage = c.to_stage and t.rank > f.rank
    where f.rank > 0 and cast(c.changed_at as date) <= $as_of
    union all
    select opportunity_key, 2 * (cast(happened_at as date) - date '2000-01-01')
    from activities
    where direction = 'in' and opportunity_key is not null and cast(happened_at as date) <= $as_of
),
spans as (
    -- Any event up to 29 half-days after a contact lies in the contact's own span of 29 or in the next one:
    -- its own span's last event and the next span's first decide, so a hash join does what would need a sort.
    select opportunity_key, span, max(last_event) as last_event, min(next_event) as next_event
    from (
        select opportunity_key, half_day // 29 as span, max(half_day) as last_event, null as next_event
        from events
        group by all
        union all
        select opportunity_key, half_day // 29 - 1, null, min(half_day)
        from events
        group by all
    )
    group by opportunity_key, span
),
touches as (
    select
        owner_key,
        cast(happened_at as date) as day,
        coalesce(kind, 'other') as kind,
        coalesce(is_effective, false) as is_effective,
        coalesce(with_manager, false) as with_manager,
        minutes,
        case
            when is_effective and cast(happened_at as date) <= $as_of - 14 then opportunity_key
        end as judged_key,
        2 * (cast(happened_at as date) - date '2000-01-01') as half_day
    from activities
    where owner_key is not null and cast(happened_at as date) <= $as_of
)
select
    t.owner_key,
    t.day,
    t.kind,
    cast(count(*) as integer) as n_touches,
    cast(count(*) filter (where t.is_effective) as integer) as n_effective,
    cast(count(t.judged_key) as integer) as n_judged,
    cast(count(*) filter (
        where s.last_event > t.half_day or s.next_event <= t.half_day + 29
    ) as integer) as n_progressed,
    cast(coalesce(sum(t.minutes), 0) as integer) as minutes,
    cast(count(*) filter (where t.with_manager) as integer) as n_with_manager
from touches as t
left join spans as s on s.opportunity_key = t.judged_key and s.span = t.half_day // 29
group by t.owner_key, t.day, t.kind
