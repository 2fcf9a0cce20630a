-- What: amount won in the period, in deals and in orders that came without one, against the comparison period and the target.
-- Row: exactly one row.
-- Definition: won = deals with outcome 'won' by closed_on, plus signed orders without a deal (repeat orders, often by
--   telephone) by ordered_on, not cancelled, where the export ties at least half of its orders to deals; both up to the
--   as-of date. The comparison period comes cut to the part of the period that is gone. The target adds up the months of
--   the period: owners' goals, or the teams' goals in months where no owner has one, so that the two never count twice.
--   elapsed_share is by calendar days.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the comparison period
--   compare_end date: first day after the comparison period, cut to the elapsed part while the period runs
-- Columns:
--   won_amount decimal(18,2): reporting currency, deals and orders without a deal
--   n_won bigint: deals
--   order_amount decimal(18,2): reporting currency, of it orders without a deal
--   n_orders bigint: orders without a deal
--   compare_amount decimal(18,2): reporting currency, deals and orders without a deal
--   n_compare bigint: deals
--   target_amount decimal(18,2): reporting currency; null when no target is set
--   elapsed_share double: 0 to 1, part of the period gone by
-- Leaves out: won deals and orders without a date or amount.
with sales as (
    select amount, closed_on as won_on, true as is_deal
    from deal_facts
    where outcome = 'won' and closed_on <= $as_of and amount is not null
    union all
    select amount, ordered_on, false from orders_without_deal
),
dated as (
    select
        amount,
        is_deal,
        won_on >= $period_start and won_on < $period_end as is_now,
        won_on >= $compare_start and won_on < $compare_end as is_before
    from sales
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
        sum(amount) filter (where is_now) as won_amount,
        count(*) filter (where is_now and is_deal) as n_won,
        sum(amount) filter (where is_now and not is_deal) as order_amount,
        count(*) filter (where is_now and not is_deal) as n_orders,
        sum(amount) filter (where is_before) as compare_amount,
        count(*) filter (where is_before and is_deal) as n_compare
    from dated
)
select
    cast(coalesce(s.won_amount, 0) as decimal(18,2)) as won_amount,
    cast(s.n_won as bigint) as n_won,
    cast(coalesce(s.order_amount, 0) as decimal(18,2)) as order_amount,
    cast(s.n_orders as bigint) as n_orders,
    cast(coalesce(s.compare_amount, 0) as decimal(18,2)) as compare_amount,
    cast(s.n_compare as bigint) as n_compare,
    cast(g.target_amount as decimal(18,2)) as target_amount,
    least(greatest(
        cast(date_diff('day', $period_start, $as_of) + 1 as double)
        / nullif(date_diff('day', $period_start, $period_end), 0),
        cast(0 as double)
    ), cast(1 as double)) as elapsed_share
from sums as s
cross join goal as g
