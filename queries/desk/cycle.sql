-- What: how long a won deal took from creation to closing, in the period and in the comparison period.
-- Row: exactly one row.
-- Definition: median days from created_on to closed_on of deals won in the period. Only winners have a cycle, so it
--   says how fast wins come, not how long a deal will take; the funnel's time in stage counts the open ones.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the comparison period
--   compare_end date: first day after the comparison period, cut to the elapsed part while the period runs
-- Columns:
--   cycle_days double: days
--   n_won bigint: deals
--   compare_days double: days
--   n_compare bigint: deals
-- Leaves out: won deals without a day of creation, or closed before it.
with deals as (
    select
        cast(date_diff('day', created_on, closed_on) as double) as days,
        closed_on >= $period_start and closed_on < $period_end and closed_on <= $as_of as is_now,
        closed_on >= $compare_start and closed_on < $compare_end as is_before
    from deal_facts
    where outcome = 'won' and created_on <= closed_on
)
select
    cast(quantile_cont(case when is_now then days end, 0.5) as double) as cycle_days,
    cast(count(*) filter (where is_now) as bigint) as n_won,
    cast(quantile_cont(case when is_before then days end, 0.5) as double) as compare_days,
    cast(count(*) filter (where is_before) as bigint) as n_compare
from deals
