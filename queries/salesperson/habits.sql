-- What: how common each warning is among the firm's open deals: what is a habit of all, and no fault of one.
-- Row: one kind of warning.
-- Definition: share of open deals that carry it, whole firm (firm_flags); a habit when it is more than half, of 20 deals or more.
-- Columns:
--   code varchar: silent, slipped, ahead, no_next_step, single_threaded, discount
--   n bigint: open deals with it
--   n_open bigint: open deals
--   share double: 0 to 1; null without open deals
--   is_habit boolean: more than half of 20 deals or more
-- Leaves out: nothing.
with firm as (
    select n_open, n_silent, n_slipped, n_ahead, n_no_next_step, n_single_threaded, n_discounted from firm_flags where team is null
),

counts as (
    select 'silent' as code, n_silent as n, n_open from firm
    union all
    select 'slipped' as code, n_slipped as n, n_open from firm
    union all
    select 'ahead' as code, n_ahead as n, n_open from firm
    union all
    select 'no_next_step' as code, n_no_next_step as n, n_open from firm
    union all
    select 'single_threaded' as code, n_single_threaded as n, n_open from firm
    union all
    select 'discount' as code, n_discounted as n, n_open from firm
)

select
    code,
    n,
    n_open,
    cast(n as double) / nullif(cast(n_open as double), 0) as share,
    n_open >= 20 and 2 * n > n_open as is_habit
from counts
order by share desc nulls last, code asc nulls last
