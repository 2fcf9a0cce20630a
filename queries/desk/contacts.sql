-- What: effective contacts made in the period, and per active rep and week.
-- Row: exactly one row.
-- Definition: effective contacts as in activities.is_effective. An active rep has at least one activity of any kind in
--   the period; weeks are the days of the period gone by, divided by 7.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the comparison period
--   compare_end date: first day after the comparison period, cut to the elapsed part while the period runs
-- Columns:
--   n_effective bigint: contacts
--   n_touches bigint: activities
--   n_reps bigint: owners with an activity
--   per_rep_week double: effective contacts per active rep and week
--   compare_per_rep_week double: the same in the comparison period
--   n_compare bigint: effective contacts in the comparison period
-- Leaves out: activities without an owner.
with days as (
    select
        owner_key,
        n_touches,
        n_effective,
        day >= $period_start and day < $period_end and day <= $as_of as is_now,
        day >= $compare_start and day < $compare_end as is_before
    from rep_days
),
sums as (
    select
        coalesce(sum(n_effective) filter (where is_now), 0) as n_effective,
        coalesce(sum(n_touches) filter (where is_now), 0) as n_touches,
        count(distinct case when is_now then owner_key end) as n_reps,
        coalesce(sum(n_effective) filter (where is_before), 0) as n_compare,
        count(distinct case when is_before then owner_key end) as n_reps_before,
        cast(least(
            date_diff('day', $period_start, $as_of) + 1, date_diff('day', $period_start, $period_end)
        ) as double) / 7 as n_weeks,
        cast(date_diff('day', $compare_start, $compare_end) as double) / 7 as n_weeks_before
    from days
)
select
    cast(n_effective as bigint) as n_effective,
    cast(n_touches as bigint) as n_touches,
    cast(n_reps as bigint) as n_reps,
    cast(n_effective as double) / nullif(n_reps * n_weeks, 0) as per_rep_week,
    cast(n_compare as double) / nullif(n_reps_before * n_weeks_before, 0) as compare_per_rep_week,
    cast(n_compare as bigint) as n_compare
from sums
