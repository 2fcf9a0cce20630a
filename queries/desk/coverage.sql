-- What: whether the open deals due in the period are enough for what is still missing to the target.
-- Row: exactly one row.
-- Definition: multiple = open amount expected to close before the end of the period divided by the target not yet won. Deals past their
--   expected closing still count up to 90 days; after that they are counted apart as stale: pipeline that nobody works is no cover.
--   The multiple needed is 1 / win rate by value of the last 365 days, not a rule of thumb; null under 10 decided
--   deals. Target as in desk/won.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   open_amount decimal(18,2): reporting currency
--   n_open bigint: deals
--   stale_amount decimal(18,2): reporting currency, expected to close more than 90 days ago and still open
--   n_stale bigint: deals
--   won_amount decimal(18,2): reporting currency, won in the period so far
--   target_amount decimal(18,2): reporting currency; null when no target is set
--   remaining_amount decimal(18,2): reporting currency, target not yet won, at least 0
--   multiple double: times; null without target or when it is reached
--   needed_multiple double: times; null when too few deals are decided
--   value_win_rate double: 0 to 1, by value
--   n_decided bigint: deals behind the win rate
-- Leaves out: open deals without an expected closing date.
with deals as (
    select
        outcome,
        amount,
        closed_on,
        outcome = 'open' and expected_close_on < $period_end as is_due,
        outcome = 'open' and date_diff('day', expected_close_on, $as_of) > 90 as is_stale
    from deal_facts
    where amount is not null
),
goals as (
    select
        month,
        sum(value) filter (where owner_key is not null) as owners_value,
        sum(value) filter (where owner_key is null) as teams_value
    from targets
    where measure = 'revenue' and month >= $period_start and month < $period_end
    group by month
),
goal as (
    select sum(coalesce(owners_value, teams_value)) as target_amount from goals
),
sums as (
    select
        coalesce(sum(amount) filter (where is_due and not is_stale), 0) as open_amount,
        count(*) filter (where is_due and not is_stale) as n_open,
        coalesce(sum(amount) filter (where is_stale), 0) as stale_amount,
        count(*) filter (where is_stale) as n_stale,
        coalesce(sum(amount) filter (
            where outcome = 'won' and closed_on >= $period_start and closed_on < $period_end and closed_on <= $as_of
        ), 0) as won_amount,
        cast(sum(amount) filter (
            where outcome = 'won' and closed_on <= $as_of and date_diff('day', closed_on, $as_of) < 365
        ) as double) as won_365,
        cast(sum(amount) filter (
            where outcome in ('won', 'lost') and closed_on <= $as_of and date_diff('day', closed_on, $as_of) < 365
        ) as double) as decided_365,
        count(*) filter (
            where outcome in ('won', 'lost') and closed_on <= $as_of and date_diff('day', closed_on, $as_of) < 365
        ) as n_decided
    from deals
),
measured as (
    select
        s.open_amount,
        s.n_open,
        s.stale_amount,
        s.n_stale,
        s.won_amount,
        g.target_amount,
        case
            when g.target_amount is null then null
            when g.target_amount > s.won_amount then g.target_amount - s.won_amount
            else 0
        end as remaining_amount,
        s.won_365 / nullif(s.decided_365, 0) as value_win_rate,
        s.n_decided
    from sums as s
    cross join goal as g
)
select
    cast(open_amount as decimal(18,2)) as open_amount,
    cast(n_open as bigint) as n_open,
    cast(stale_amount as decimal(18,2)) as stale_amount,
    cast(n_stale as bigint) as n_stale,
    cast(won_amount as decimal(18,2)) as won_amount,
    cast(target_amount as decimal(18,2)) as target_amount,
    cast(remaining_amount as decimal(18,2)) as remaining_amount,
    cast(open_amount as double) / nullif(cast(remaining_amount as double), 0) as multiple,
    case when n_decided >= 10 then cast(1 as double) / nullif(value_win_rate, 0) end as needed_multiple,
    value_win_rate,
    cast(n_decided as bigint) as n_decided
from measured
