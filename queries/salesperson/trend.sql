-- What: one salesperson's pipeline and results at this snapshot's date, to be lined up over snapshots.
-- Row: the salesperson; no row when he is not in the snapshot or not visible.
-- Definition: as in rep_summary; win rate = won / decided by count in the 365 days up to the snapshot's date.
-- Parameters:
--   user_id varchar: the salesperson
-- Columns:
--   user_id varchar: id in the CRM
--   n_open bigint: open deals
--   open_amount decimal(18,2): reporting currency
--   won_amount_365 decimal(18,2): reporting currency
--   n_won_365 bigint: deals
--   n_decided_365 bigint: deals
--   win_rate double: 0 to 1; null when nothing was decided
--   n_effective_90 bigint: effective contacts in 90 days
--   n_silent bigint: open deals without effective contact in 30 days
--   n_pushed bigint: open deals whose expected closing was moved later
-- Leaves out: nothing.
select
    user_id,
    cast(n_open as bigint) as n_open,
    cast(open_amount as decimal(18, 2)) as open_amount,
    cast(won_amount_365 as decimal(18, 2)) as won_amount_365,
    cast(n_won_365 as bigint) as n_won_365,
    cast(n_decided_365 as bigint) as n_decided_365,
    cast(n_won_365 as double) / nullif(cast(n_decided_365 as double), 0) as win_rate,
    cast(n_effective_90 as bigint) as n_effective_90,
    cast(n_silent as bigint) as n_silent,
    cast(n_pushed as bigint) as n_pushed
from rep_summary
where user_id = $user_id
order by user_id asc nulls last
