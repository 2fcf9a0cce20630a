-- What: money received in the period, against the comparison period and the target.
-- Row: exactly one row.
-- Definition: payments by paid_on, up to the as-of date; refunds count negative. Target as in desk/won, measure
--   'collected'. All amounts null where the snapshot has no payment at all: nothing exported is not nothing received.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the comparison period
--   compare_end date: first day after the comparison period, cut to the elapsed part while the period runs
-- Columns:
--   collected_amount decimal(18,2): reporting currency
--   n_payments bigint: payments
--   compare_amount decimal(18,2): reporting currency
--   n_compare bigint: payments
--   target_amount decimal(18,2): reporting currency; null when no target is set
-- Leaves out: payments without a date.
with receipts as (
    select
        amount,
        paid_on >= $period_start and paid_on < $period_end and paid_on <= $as_of as is_now,
        paid_on >= $compare_start and paid_on < $compare_end as is_before
    from payments
    where paid_on is not null
),
goals as (
    select
        month,
        sum(value) filter (where owner_key is not null) as owners_value,
        sum(value) filter (where owner_key is null) as teams_value
    from targets
    where measure = 'collected' and month >= $period_start and month < $period_end
    group by month
),
goal as (
    select sum(coalesce(owners_value, teams_value)) as target_amount from goals
),
sums as (
    select
        count(*) as n_all,
        sum(amount) filter (where is_now) as collected_amount,
        count(*) filter (where is_now) as n_payments,
        sum(amount) filter (where is_before) as compare_amount,
        count(*) filter (where is_before) as n_compare
    from receipts
)
select
    cast(case when s.n_all > 0 then coalesce(s.collected_amount, 0) end as decimal(18,2)) as collected_amount,
    cast(s.n_payments as bigint) as n_payments,
    cast(case when s.n_all > 0 then coalesce(s.compare_amount, 0) end as decimal(18,2)) as compare_amount,
    cast(s.n_compare as bigint) as n_compare,
    cast(g.target_amount as decimal(18,2)) as target_amount
from sums as s
cross join goal as g
