-- What: whether the open deals due in the period are enough for what is still missing to the target.
-- Row: exactly one row.
-- Definition: multiple = open amount expected to close before the end of the period divided by the target not yet won.
--   Deals past their expected closing still count up to 90 days; after that they are counted apart as stale: pipeline
--   that nobody works is no cover. The multiple needed is 1 / value win rate of the same deals: open amount divided by what of it can
--   be expected in the rest of the period, by position and age (firm_close_odds, as in forecast/outlook); the fewer days, the more
--   cover it takes. Not a rule of thumb, nor 1 / win rate, which would give each deal all the time in the world. It is the cover that
--   the target takes without anything new: what usually comes new stands in forecast/outlook. Target and amount won as in desk/won.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period, the first of a month
-- Columns:
--   open_amount decimal(18,2): reporting currency
--   n_open bigint: deals
--   stale_amount decimal(18,2): reporting currency, expected to close more than 90 days ago and still open
--   n_stale bigint: deals
--   won_amount decimal(18,2): reporting currency, won in the period so far
--   target_amount decimal(18,2): reporting currency; null when no target is set
--   remaining_amount decimal(18,2): reporting currency, target not yet won, at least 0
--   multiple double: times; null without target or when it is reached
--   needed_multiple double: times; null when nothing can be expected any more, or there is too little history
--   missing_amount decimal(18,2): reporting currency, open amount that lacks to the multiple needed, at least 0; null without one
--   hoped_amount decimal(18,2): reporting currency, expected of the open amount in the rest of the period
-- Leaves out: open deals without an expected closing date.
with ahead as (
    select
        date_diff('month', $as_of, $period_end) as n_months,
        date_diff('day', $as_of, $period_end) > 1 and n.n_decided_365 >= 20 as is_known
    from firm_norms as n
),
open_deals as (
    select
        d.amount,
        date_diff('day', d.expected_close_on, $as_of) > 90 as is_stale,
        case when a.is_known and o.n_looks >= 3 then o.odds else 0 end as odds
    from deal_facts as d
    cross join ahead as a
    left join firm_close_odds as o
        on o.look = 0
        and o.n_months = a.n_months
        and o.pipeline = d.pipeline
        and o.position = d.reached_position
        and o.age_band = case
            when date_diff('day', d.created_on, $as_of) <= 30 then 1
            when date_diff('day', d.created_on, $as_of) <= 60 then 2
            when date_diff('day', d.created_on, $as_of) <= 90 then 3
            when date_diff('day', d.created_on, $as_of) <= 120 then 4
            when date_diff('day', d.created_on, $as_of) <= 180 then 5
            when date_diff('day', d.created_on, $as_of) <= 365 then 6
            else 7
        end
    where d.outcome = 'open' and d.amount is not null and d.expected_close_on < $period_end
),
cover as (
    select
        coalesce(sum(amount) filter (where not is_stale), 0) as open_amount,
        count(*) filter (where not is_stale) as n_open,
        coalesce(sum(amount) filter (where is_stale), 0) as stale_amount,
        count(*) filter (where is_stale) as n_stale,
        coalesce(sum(odds * cast(amount as double)) filter (where not is_stale), 0) as hoped_amount
    from open_deals
),
sales as (
    select amount, closed_on as won_on from deal_facts where outcome = 'won' and closed_on <= $as_of
    union all
    select amount, ordered_on from orders_without_deal
),
won as (
    select coalesce(sum(amount), 0) as won_amount
    from sales
    where won_on >= $period_start and won_on < $period_end
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
measured as (
    select
        c.open_amount,
        c.n_open,
        c.stale_amount,
        c.n_stale,
        c.hoped_amount,
        w.won_amount,
        g.target_amount,
        case
            when g.target_amount is null then null
            when g.target_amount > w.won_amount then g.target_amount - w.won_amount
            else 0
        end as remaining_amount
    from cover as c
    cross join won as w
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
    cast(open_amount as double) / nullif(hoped_amount, 0) as needed_multiple,
    cast(
        case
            when hoped_amount > 0
                then round(greatest(cast(remaining_amount as double) * cast(open_amount as double) / nullif(hoped_amount, 0) - cast(open_amount as double), 0), 2)
        end as decimal(18,2)
    ) as missing_amount,
    cast(round(hoped_amount, 2) as decimal(18,2)) as hoped_amount
from measured
