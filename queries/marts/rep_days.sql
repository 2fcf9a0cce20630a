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
    -- follows a contact and an inbound contact of the same day does not. Small numbers sort and join for less than dates.
    select c.opportunity_key, cast(2 * (cast(c.changed_at as date) - date '2000-01-01') + 1 as integer) as half_day
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    inner join positions as f on f.pipeline is not distinct from d.pipeline and f.stage = c.from_stage
    inner join positions as t on t.pipeline is not distinct from d.pipeline and t.stage = c.to_stage and t.rank > f.rank
    where f.rank > 0 and cast(c.changed_at as date) <= $as_of
    union all
    select opportunity_key, cast(2 * (cast(happened_at as date) - date '2000-01-01') as integer)
    from activities
    where direction = 'in' and opportunity_key is not null and cast(happened_at as date) <= $as_of
),
progressed as ( -- made first
    -- The judged contacts that something followed in time. Only what must be sorted is carried along: no more than who, what and when.
    select t.owner_key, t.kind, t.half_day
    from (
        select
            owner_key,
            opportunity_key,
            coalesce(kind, 'other') as kind,
            cast(2 * (cast(happened_at as date) - date '2000-01-01') as integer) as half_day
        from activities
        where is_effective and opportunity_key is not null and owner_key is not null
            and cast(happened_at as date) <= $as_of - 14
    ) as t
    asof join events as e on e.opportunity_key = t.opportunity_key and e.half_day > t.half_day
    where e.half_day <= t.half_day + 29
),
counted as (
    select
        owner_key,
        cast(happened_at as date) as day,
        coalesce(kind, 'other') as kind,
        true as is_touch,
        is_effective,
        is_effective and opportunity_key is not null and cast(happened_at as date) <= $as_of - 14 as is_judged,
        false as is_progressed,
        minutes,
        with_manager
    from activities
    where owner_key is not null and cast(happened_at as date) <= $as_of
    union all
    select owner_key, date '2000-01-01' + half_day // 2, kind, false, false, false, true, null, false
    from progressed
)
select
    owner_key,
    day,
    kind,
    cast(count(*) filter (where is_touch) as integer) as n_touches,
    cast(count(*) filter (where is_effective) as integer) as n_effective,
    cast(count(*) filter (where is_judged) as integer) as n_judged,
    cast(count(*) filter (where is_progressed) as integer) as n_progressed,
    cast(coalesce(sum(minutes), 0) as integer) as minutes,
    cast(count(*) filter (where with_manager) as integer) as n_with_manager
from counted
group by owner_key, day, kind
