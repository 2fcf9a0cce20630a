-- What: the last twelve complete months and the running one, for the small lines on the cards.
-- Row: one calendar month, oldest first; the last one is running and holds what happened up to the as-of date.
-- Definition: won amount as in desk/won, with orders without a deal; won and decided deals by closed_on, payments by
--   paid_on, effective contacts by day; targets as in desk/won. Months without anything stand with zero.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   month date: first day of the month
--   won_amount decimal(18,2): reporting currency
--   collected_amount decimal(18,2): reporting currency
--   n_effective bigint: effective contacts
--   n_won bigint: deals
--   n_decided bigint: deals won or lost
--   win_rate double: 0 to 1; null when nothing was decided
--   target_amount decimal(18,2): reporting currency; null when no target is set
-- Leaves out: deals and payments without a date.
with months as (
    select cast(m as date) as month
    from (
        select unnest(generate_series(
            cast(date_trunc('month', $as_of) as date) - interval 12 month,
            cast(date_trunc('month', $as_of) as date),
            interval 1 month
        )) as m
    ) as series
),
deals as (
    select
        cast(date_trunc('month', closed_on) as date) as month,
        sum(amount) filter (where outcome = 'won') as won_amount,
        count(*) filter (where outcome = 'won') as n_won,
        count(*) as n_decided
    from deal_facts
    where outcome in ('won', 'lost') and closed_on <= $as_of
    group by cast(date_trunc('month', closed_on) as date)
),
repeats as (
    select cast(date_trunc('month', ordered_on) as date) as month, sum(amount) as order_amount
    from orders_without_deal
    group by cast(date_trunc('month', ordered_on) as date)
),
receipts as (
    select cast(date_trunc('month', paid_on) as date) as month, sum(amount) as collected_amount
    from payments
    where paid_on <= $as_of
    group by cast(date_trunc('month', paid_on) as date)
),
days as (
    select cast(date_trunc('month', day) as date) as month, sum(n_effective) as n_effective
    from rep_days
    group by cast(date_trunc('month', day) as date)
),
goals as (
    select
        month,
        sum(value) filter (where owner_key is not null) as owners_value,
        sum(value) filter (where owner_key is null) as teams_value
    from targets
    where measure = 'revenue'
    group by month
)
select
    m.month,
    cast(coalesce(d.won_amount, 0) + coalesce(o.order_amount, 0) as decimal(18,2)) as won_amount,
    cast(coalesce(r.collected_amount, 0) as decimal(18,2)) as collected_amount,
    cast(coalesce(e.n_effective, 0) as bigint) as n_effective,
    cast(coalesce(d.n_won, 0) as bigint) as n_won,
    cast(coalesce(d.n_decided, 0) as bigint) as n_decided,
    cast(d.n_won as double) / nullif(d.n_decided, 0) as win_rate,
    cast(coalesce(g.owners_value, g.teams_value) as decimal(18,2)) as target_amount
from months as m
left join deals as d on d.month = m.month
left join repeats as o on o.month = m.month
left join receipts as r on r.month = m.month
left join days as e on e.month = m.month
left join goals as g on g.month = m.month
order by month
