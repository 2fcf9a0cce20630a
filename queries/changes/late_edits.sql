-- What: closing dates that were changed in the last days of a period.
-- Row: one change, largest amount first; those that moved a deal out of the period before all others.
-- Definition: metrics §2.18: changes of the expected closing that were made in the last days of the period; leaves = from a day in the
--   period or before it to a day behind it, or to none. Beside it how many changes the whole period saw: edits spread evenly would leave
--   n_days ÷ days of the period of them to its last days.
-- Parameters:
--   first_on date: first day of the period
--   end_on date: first day after the period
--   n_days integer: how many last days
--   as_of date: the snapshot's date
-- Columns:
--   change_number bigint: running number
--   opportunity_id varchar: deal
--   name varchar: deal
--   owner varchar: who is responsible
--   outcome varchar: open, won, lost
--   amount decimal(18,2): reporting currency
--   changed_on date: day of the change
--   from_on date: expected closing before
--   to_on date: expected closing after; null = none
--   days_moved bigint: positive = later
--   leaves_period boolean: moved out of the period
--   n_leaving bigint: rows of this answer that leave the period
--   n_late bigint: rows of this answer
--   n_edits bigint: changes in the whole period
--   late_share double: n_late ÷ n_edits, 0 to 1
--   even_share double: what an even spread would give, 0 to 1
-- Leaves out: changes found by comparing snapshots, of which the day is not known; changes on or after the day of closing, which the CRM itself makes.
with edits as (
    select
        o.opportunity_id,
        o.name,
        u.name as owner,
        o.outcome,
        coalesce(o.amount, 0) as amount,
        cast(c.changed_at as date) as changed_on,
        c.from_on,
        c.to_on
    from close_date_changes as c
    inner join opportunities as o on o.opportunity_key = c.opportunity_key
    left join users as u on u.user_key = o.owner_key
    where not coalesce(c.is_derived, false)
        and cast(c.changed_at as date) >= $first_on
        and cast(c.changed_at as date) < $end_on
        and cast(c.changed_at as date) <= $as_of
        and c.from_on is distinct from c.to_on
        and (o.outcome = 'open' or cast(c.changed_at as date) < cast(o.closed_at as date))
),
judged as (
    select
        e.*,
        count(*) over () as n_edits,
        coalesce(from_on < $end_on, false) and (to_on is null or to_on >= $end_on) as leaves_period
    from edits as e
),
late as (
    select * from judged where date_diff('day', changed_on, $end_on) <= $n_days
),
numbered as (
    select
        l.*,
        row_number() over (order by leaves_period desc, amount desc, opportunity_id, changed_on, to_on nulls last, from_on nulls last) as change_number,
        count(*) over () as n_late,
        count(*) filter (where leaves_period) over () as n_leaving
    from late as l
)
select
    cast(change_number as bigint) as change_number,
    opportunity_id,
    name,
    owner,
    outcome,
    cast(amount as decimal(18,2)) as amount,
    changed_on,
    from_on,
    to_on,
    cast(date_diff('day', from_on, to_on) as bigint) as days_moved,
    leaves_period,
    cast(n_leaving as bigint) as n_leaving,
    cast(n_late as bigint) as n_late,
    cast(n_edits as bigint) as n_edits,
    cast(n_late as double) / nullif(n_edits, 0) as late_share,
    cast($n_days as double) / nullif(date_diff('day', $first_on, $end_on), 0) as even_share
from numbered
order by change_number
