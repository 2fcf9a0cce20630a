-- What: how long deals stay in each stage, those still there included, and who has stayed longer than is usual.
-- Row: one open stage of the pipeline.
-- Definition: Kaplan–Meier over the stays of the cohort's deals: leaving is going forward or being lost, open deals are censored at
--   their present age (metrics §1: leaving residents out, or adding them up, is biased low). The median is the first day on which half have left, P90 the
--   first on which nine tenths have; null when it is not reached yet. The usual time is the 75th percentile, by the same method, of all stays the
--   snapshot knows, whatever the cohort; long is their 90th. Residents are all open deals that stand in the stage as of the snapshot, by the stage
--   claimed, each in one of four parts: within the usual time, beyond it, beyond the long time, or of an age that is not known or not comparable.
--   A deal that came back has one stay, its days added up. Skipped stages have no stay.
--   No quantile is given when more than a fifth of the stays is unknown: without exported history those known are mostly the residents.
-- Parameters:
--   as_of date: the snapshot's date
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   position integer: place of the stage, from 1
--   stage varchar: stage
--   median_days double: days until half have left; null when not reached or too many stays are unknown
--   p90_days double: days until nine tenths have left; null when not reached
--   n bigint: stays of the cohort with a known start
--   n_left bigint: of those, over
--   n_unknown bigint: stays of the cohort left out because no date of entry was exported
--   compare_median_days double: comparison cohort
--   compare_p90_days double: comparison cohort
--   compare_n bigint: stays of the comparison cohort with a known start
--   usual_days double: days until three quarters have left, over the whole history; null when not reached
--   usual_n bigint: stays behind it
--   n_residents bigint: open deals that stand in the stage now
--   resident_amount decimal(18,2): reporting currency
--   resident_median_days double: median age of those with a known start
--   n_overstayed bigint: residents older than the usual time
--   overstayed_amount decimal(18,2): reporting currency
--   long_days double: days until nine tenths have left, over the whole history; null when not reached
--   n_within bigint: residents not older than the usual time
--   n_beyond bigint: residents older than the usual time, not older than the long time
--   n_long bigint: residents older than the long time
--   n_ageless bigint: residents without a date of entry, or of a stage whose usual time is not known
--   expected_days double: days the user's own playbook allows the stage; null where it says nothing
--   n_over_expected bigint: residents older than that
-- Leaves out: stays without a date of entry (counted in n_unknown).
with open_stages as (
    select position, stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
entries as (
    select
        position,
        exit,
        greatest(cast(days as double), 0.0) as days,
        days is not null as is_known,
        coalesce(created_on >= $period_start and created_on < $period_end, false) as is_now,
        coalesce(created_on >= $compare_start and created_on < $compare_end, false) as is_then
    from stage_entries
    where pipeline is not distinct from $pipeline and not is_skipped
),
sides as (
    select 'now' as side, position, exit, days, is_known
    from entries
    where is_now
    union all
    select 'then' as side, position, exit, days, is_known
    from entries
    where is_then
    union all
    select 'ever' as side, position, exit, days, is_known
    from entries
),
days_out as (
    select
        side,
        position,
        days,
        cast(count(*) as double) as n_here,
        cast(count(*) filter (where exit in ('forward', 'lost')) as double) as n_left
    from sides
    where is_known
    group by side, position, days
),
at_risk as (
    select
        *,
        sum(n_here) over (partition by side, position order by days desc rows unbounded preceding) as n_at_risk
    from days_out
),
-- A hair above the threshold, since a product of fractions through logarithms ends in …0001.
curve as (
    select
        *,
        exp(sum(case when n_left < n_at_risk then ln((n_at_risk - n_left) / n_at_risk) else -1000.0 end) over (
            partition by side, position order by days rows unbounded preceding
        )) - 0.000000001 as survival
    from at_risk
),
quantiles as (
    select
        side,
        position,
        sum(n_here) as n,
        sum(n_left) as n_left,
        min(days) filter (where survival <= 0.5) as median_days,
        min(days) filter (where survival <= 0.25) as p75_days,
        min(days) filter (where survival <= 0.1) as p90_days
    from curve
    group by side, position
),
-- One row per rule of the stage, each with the same days.
playbook as (
    select stage, max(expected_days) as expected_days
    from own_playbook
    where pipeline is not distinct from $pipeline
    group by stage
),
unknown as (
    select side, position, count(*) as n_unknown
    from sides
    where not is_known
    group by side, position
),
usable as (
    select
        q.side,
        q.position,
        q.n,
        q.n_left,
        coalesce(u.n_unknown, 0) as n_unknown,
        case when q.n >= 4 * coalesce(u.n_unknown, 0) then q.median_days end as median_days,
        case when q.n >= 4 * coalesce(u.n_unknown, 0) then q.p75_days end as p75_days,
        case when q.n >= 4 * coalesce(u.n_unknown, 0) then q.p90_days end as p90_days
    from quantiles as q
    left join unknown as u on u.side = q.side and u.position = q.position
),
-- Who never moved has stood in the first stage since the day of creation.
standing_since as (
    select
        stage,
        stage_position,
        amount,
        coalesce(stage_entered_on, case when stage_position = 1 and reached_position = 1 then created_on end) as entered_on
    from deal_facts
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
residents as (
    select
        d.stage_position as position,
        coalesce(d.amount, 0) as amount,
        cast(date_diff('day', d.entered_on, $as_of) as double) as days,
        coalesce(date_diff('day', d.entered_on, $as_of) > q.p75_days, false) as is_overstayed,
        coalesce(date_diff('day', d.entered_on, $as_of) > q.p90_days, false) as is_long,
        q.p75_days is null or d.entered_on is null as is_ageless,
        coalesce(date_diff('day', d.entered_on, $as_of) > b.expected_days, false) as is_over_expected
    from standing_since as d
    left join usable as q on q.position = d.stage_position and q.side = 'ever'
    left join playbook as b on b.stage = d.stage
),
standing as (
    select
        position,
        count(*) as n_residents,
        sum(amount) as resident_amount,
        quantile_cont(days, 0.5) as resident_median_days,
        count(*) filter (where is_overstayed) as n_overstayed,
        sum(amount) filter (where is_overstayed) as overstayed_amount,
        count(*) filter (where not is_ageless and not is_overstayed) as n_within,
        count(*) filter (where is_long) as n_long,
        count(*) filter (where is_ageless) as n_ageless,
        count(*) filter (where is_over_expected) as n_over_expected
    from residents
    group by position
)
select
    cast(s.position as integer) as position,
    s.stage as stage,
    cast(n.median_days as double) as median_days,
    cast(n.p90_days as double) as p90_days,
    cast(coalesce(n.n, 0) as bigint) as n,
    cast(coalesce(n.n_left, 0) as bigint) as n_left,
    cast(coalesce(u.n_unknown, 0) as bigint) as n_unknown,
    cast(t.median_days as double) as compare_median_days,
    cast(t.p90_days as double) as compare_p90_days,
    cast(coalesce(t.n, 0) as bigint) as compare_n,
    cast(e.p75_days as double) as usual_days,
    cast(coalesce(e.n, 0) as bigint) as usual_n,
    cast(coalesce(r.n_residents, 0) as bigint) as n_residents,
    cast(coalesce(r.resident_amount, 0) as decimal(18, 2)) as resident_amount,
    cast(r.resident_median_days as double) as resident_median_days,
    cast(coalesce(r.n_overstayed, 0) as bigint) as n_overstayed,
    cast(coalesce(r.overstayed_amount, 0) as decimal(18, 2)) as overstayed_amount,
    cast(e.p90_days as double) as long_days,
    cast(coalesce(r.n_within, 0) as bigint) as n_within,
    cast(coalesce(r.n_overstayed - r.n_long, 0) as bigint) as n_beyond,
    cast(coalesce(r.n_long, 0) as bigint) as n_long,
    cast(coalesce(r.n_ageless, 0) as bigint) as n_ageless,
    cast(b.expected_days as double) as expected_days,
    cast(coalesce(r.n_over_expected, 0) as bigint) as n_over_expected
from open_stages as s
left join usable as n on n.position = s.position and n.side = 'now'
left join usable as t on t.position = s.position and t.side = 'then'
left join usable as e on e.position = s.position and e.side = 'ever'
left join unknown as u on u.position = s.position and u.side = 'now'
left join standing as r on r.position = s.position
left join playbook as b on b.stage = s.stage
order by position
