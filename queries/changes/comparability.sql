-- What: whether two snapshots can be compared deal by deal, and what their comparison has to do without.
-- Row: exactly one row.
-- Definition: deals are the same when their ids in the CRM are. Common: seen now and in the earlier snapshot, in whosever hands. Unvalued: open without an
--   amount in reporting currency (none stated, or in another currency without a rate); they count 0 in every sum.
-- Parameters:
--   first_on date: first day of the period looked at for edits of closing dates
--   end_on date: first day after it
-- Columns:
--   n_before bigint: deals in the earlier snapshot
--   n_after bigint: deals in the later snapshot
--   n_common bigint: deals in both
--   n_without_id bigint: deals of either snapshot without an id
--   n_unvalued_before bigint: open deals without amount, earlier snapshot
--   n_unvalued_after bigint: open deals without amount, later snapshot
--   n_told bigint: changes of closing dates in those days that the CRM tells with their day
--   n_inferred bigint: changes in those days that were found by comparing snapshots
-- Leaves out: nothing.
with deals as (
    select
        count(*) filter (where was_seen) as n_before,
        count(*) filter (where is_seen) as n_after,
        count(*) filter (where is_seen and was_there) as n_common,
        count(*) filter (where opportunity_id is null) as n_without_id,
        count(*) filter (where was_seen and old_outcome = 'open' and old_amount is null) as n_unvalued_before,
        count(*) filter (where is_seen and outcome = 'open' and amount is null) as n_unvalued_after
    from deal_pairs
),
edits as (
    select
        count(*) filter (where not coalesce(is_derived, false)) as n_told,
        count(*) filter (where coalesce(is_derived, false)) as n_inferred
    from close_date_changes
    where cast(changed_at as date) >= $first_on and cast(changed_at as date) < $end_on
)
select
    cast(d.n_before as bigint) as n_before,
    cast(d.n_after as bigint) as n_after,
    cast(d.n_common as bigint) as n_common,
    cast(d.n_without_id as bigint) as n_without_id,
    cast(d.n_unvalued_before as bigint) as n_unvalued_before,
    cast(d.n_unvalued_after as bigint) as n_unvalued_after,
    cast(e.n_told as bigint) as n_told,
    cast(e.n_inferred as bigint) as n_inferred
from deals as d
cross join edits as e
