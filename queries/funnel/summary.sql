-- What: what became of the deals created in the period: won, lost, still open, in number and money.
-- Row: exactly one row.
-- Definition: entry cohort by creation. Win rate = won ÷ (won + lost) by count, open deals left out, with Wilson's 95 % interval; so it is not
--   the win rate by day of closing that the desk shows. A younger cohort has decided only its quick deals: read it beside the share still open.
-- Parameters:
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   n_created bigint: deals
--   n_won bigint: deals
--   n_lost bigint: deals
--   n_open bigint: deals
--   won_amount decimal(18,2): reporting currency
--   lost_amount decimal(18,2): reporting currency
--   open_amount decimal(18,2): reporting currency
--   win_rate double: 0 to 1; null when none is decided
--   win_low double: lower end of its 95 % interval
--   win_high double: upper end of its 95 % interval
--   compare_n_created bigint: comparison cohort
--   compare_n_open bigint: comparison cohort
--   compare_lost_amount decimal(18,2): comparison cohort, reporting currency
--   compare_win_rate double: comparison cohort, 0 to 1
-- Leaves out: deals without a creation date; deals of other pipelines.
with deals as (
    select
        outcome,
        coalesce(amount, 0) as amount,
        coalesce(created_on >= $period_start and created_on < $period_end, false) as is_now,
        coalesce(created_on >= $compare_start and created_on < $compare_end, false) as is_then
    from deal_facts
    where pipeline is not distinct from $pipeline
),
counts as (
    select
        count(*) filter (where is_now) as n_created,
        cast(count(*) filter (where is_now and outcome = 'won') as double) as n_won,
        cast(count(*) filter (where is_now and outcome = 'lost') as double) as n_lost,
        count(*) filter (where is_now and outcome = 'open') as n_open,
        coalesce(sum(amount) filter (where is_now and outcome = 'won'), 0) as won_amount,
        coalesce(sum(amount) filter (where is_now and outcome = 'lost'), 0) as lost_amount,
        coalesce(sum(amount) filter (where is_now and outcome = 'open'), 0) as open_amount,
        count(*) filter (where is_then) as compare_n_created,
        count(*) filter (where is_then and outcome = 'open') as compare_n_open,
        cast(count(*) filter (where is_then and outcome = 'won') as double) as compare_n_won,
        cast(count(*) filter (where is_then and outcome in ('won', 'lost')) as double) as compare_n_decided,
        coalesce(sum(amount) filter (where is_then and outcome = 'lost'), 0) as compare_lost_amount
    from deals
),
rates as (
    select
        *,
        n_won / nullif(n_won + n_lost, 0) as p,
        nullif(n_won + n_lost, 0) as m
    from counts
),
intervals as (
    select
        *,
        1.959964 * sqrt(p * (1 - p) / m + 3.841459 / (4 * m * m)) as h
    from rates
)
select
    cast(n_created as bigint) as n_created,
    cast(n_won as bigint) as n_won,
    cast(n_lost as bigint) as n_lost,
    cast(n_open as bigint) as n_open,
    cast(won_amount as decimal(18, 2)) as won_amount,
    cast(lost_amount as decimal(18, 2)) as lost_amount,
    cast(open_amount as decimal(18, 2)) as open_amount,
    p as win_rate,
    (p + 3.841459 / (2 * m) - h) / (1 + 3.841459 / m) as win_low,
    (p + 3.841459 / (2 * m) + h) / (1 + 3.841459 / m) as win_high,
    cast(compare_n_created as bigint) as compare_n_created,
    cast(compare_n_open as bigint) as compare_n_open,
    cast(compare_lost_amount as decimal(18, 2)) as compare_lost_amount,
    compare_n_won / nullif(compare_n_decided, 0) as compare_win_rate
from intervals
