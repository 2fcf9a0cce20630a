-- What: how the expected closing of one deal moved.
-- Row: one move of the expected closing date.
-- Definition: as recorded in the history, or found by comparing snapshots.
-- Parameters:
--   opportunity_id varchar: the deal
-- Columns:
--   move bigint: running number, from 1
--   changed_on date: when it was changed
--   from_on date: before; null = none
--   to_on date: after; null = none
--   days_moved bigint: positive = later
--   is_derived boolean: found by comparing snapshots
-- Leaves out: changes that left the date as it was.
with chosen as (
    select opportunity_key from opportunities where opportunity_id = $opportunity_id
),

moves as (
    select
        cast(close_date_changes.changed_at as date) as changed_on,
        close_date_changes.from_on,
        close_date_changes.to_on,
        coalesce(close_date_changes.is_derived, false) as is_derived,
        row_number() over (
            order by close_date_changes.changed_at asc nulls first, close_date_changes.to_on asc nulls first
        ) as move
    from close_date_changes
    inner join chosen on chosen.opportunity_key = close_date_changes.opportunity_key
    where coalesce(close_date_changes.from_on <> close_date_changes.to_on, true)
)

select
    cast(move as bigint) as move,
    changed_on,
    from_on,
    to_on,
    cast(date_diff('day', from_on, to_on) as bigint) as days_moved,
    is_derived
from moves
order by move asc nulls last
