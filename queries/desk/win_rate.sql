-- What: share of decided deals that were won, in the period and in the comparison period.
-- Row: exactly one row.
-- Definition: won / (won + lost), by count, dated by closed_on up to the as-of date; Wilson 95 % interval. Open deals
--   are not in it: stale ones flatter the rate, see the funnel for the cohort view.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the comparison period
--   compare_end date: first day after the comparison period, cut to the elapsed part while the period runs
-- Columns:
--   n_won bigint: deals
--   n_decided bigint: deals won or lost
--   win_rate double: 0 to 1; null when nothing was decided
--   low_rate double: 0 to 1
--   high_rate double: 0 to 1
--   compare_rate double: 0 to 1
--   n_compare bigint: deals decided in the comparison period
-- Leaves out: decided deals without a closing date.
with deals as (
    select
        outcome,
        closed_on >= $period_start and closed_on < $period_end and closed_on <= $as_of as is_now,
        closed_on >= $compare_start and closed_on < $compare_end as is_before
    from deal_facts
    where outcome in ('won', 'lost') and closed_on is not null
),
counts as (
    select
        count(*) filter (where is_now and outcome = 'won') as n_won,
        count(*) filter (where is_now) as n_decided,
        count(*) filter (where is_before and outcome = 'won') as n_won_before,
        count(*) filter (where is_before) as n_compare
    from deals
),
rates as (
    select
        n_won,
        n_decided,
        n_compare,
        nullif(cast(n_decided as double), 0) as n,
        cast(n_won as double) / nullif(n_decided, 0) as p,
        cast(n_won_before as double) / nullif(n_compare, 0) as compare_rate
    from counts
)
select
    cast(n_won as bigint) as n_won,
    cast(n_decided as bigint) as n_decided,
    p as win_rate,
    cast((p + 1.9208 / n - 1.96 * sqrt(p * (1 - p) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n) as double) as low_rate,
    cast((p + 1.9208 / n + 1.96 * sqrt(p * (1 - p) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n) as double) as high_rate,
    compare_rate,
    cast(n_compare as bigint) as n_compare
from rates
