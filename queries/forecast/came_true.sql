-- What: what was won after a day and before another: what forecasts of that day are held against.
-- Row: exactly one row.
-- Definition: deals by closing date and orders without a deal by date, as in desk/won.
-- Parameters:
--   as_of date: the snapshot's date
--   since_on date: the day of the forecast, not itself counted
--   until_on date: first day after what was forecast
-- Columns:
--   won_amount decimal(18,2): reporting currency
--   n_won bigint: deals and orders
-- Leaves out: won deals and orders without a date or amount.
with orders_without_deal as (
    -- Only where the export ties most orders to deals: else a won deal and its order could not be told from two sales.
    select ordered_on, amount
    from orders
    cross join (
        select 2 * count(opportunity_key) >= count(*) as is_tied from orders
    ) as ties
    where ties.is_tied
        and opportunity_key is null
        and status is distinct from 'cancelled'
        and amount is not null
        and ordered_on <= $as_of
),
sales as (
    select amount, closed_on as won_on from deal_facts where outcome = 'won' and closed_on <= $as_of and amount is not null
    union all
    select amount, ordered_on from orders_without_deal
)
select
    cast(coalesce(sum(amount), 0) as decimal(18,2)) as won_amount,
    cast(count(*) as bigint) as n_won
from sales
where won_on > $since_on and won_on < $until_on
