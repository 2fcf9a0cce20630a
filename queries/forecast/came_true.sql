-- What: what was won after a day and before another: what forecasts of that day are held against.
-- Row: one group that won something; exactly one row for all.
-- Definition: deals by closing date and orders without a deal by date, as in desk/won.
-- Parameters:
--   as_of date: the snapshot's date
--   since_on date: the day of the forecast, not itself counted
--   until_on date: first day after what was forecast
--   dimension varchar: all or owner
-- Columns:
--   group_id varchar: user id of who owns the deal or order now; empty for all, and without owner
--   won_amount decimal(18,2): reporting currency
--   n_won bigint: deals and orders
-- Leaves out: won deals and orders without a date or amount.
with sales as (
    select amount, closed_on as won_on, owner_key from deal_facts where outcome = 'won' and closed_on <= $as_of and amount is not null
    union all
    select amount, ordered_on, owner_key from orders_without_deal
),
won as (
    select case when $dimension = 'owner' then coalesce(users.user_id, '') else '' end as group_id, sales.amount
    from sales
    left join users on users.user_key = sales.owner_key
    where sales.won_on > $since_on and sales.won_on < $until_on
),
groups as (
    select distinct group_id from won where $dimension = 'owner'
    union all
    select '' as group_id from (select count(*) as n from won) as anything where $dimension = 'all'
)
select
    g.group_id,
    cast(coalesce(sum(w.amount), 0) as decimal(18,2)) as won_amount,
    cast(count(w.group_id) as bigint) as n_won
from groups as g
left join won as w on w.group_id = g.group_id
group by g.group_id
order by group_id
