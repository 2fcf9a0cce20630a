-- What: each deal as it stands in two snapshots, side by side.
-- Row: one deal that is seen now, or was seen in the snapshot before (the one that previous_ tables are of).
-- Definition: deals are the same when their ids in the CRM are. What is seen is cut to the viewer and the filters, on each side by that side's
--   own facts; a deal handed from one salesperson to another is therefore on one side of the cut then and on the other now. So that
--   such a deal is neither taken for new nor for vanished, two things are told across the cut, and no more: whether a deal that was seen
--   then is still there, in whosever hands; and how a deal that is seen now stood then (stage, amounts, dates), as its record in the CRM tells
--   whoever holds it. Of a deal that was handed away nothing later is told. Read by the engine only: whole_ tables are uncut.
-- Columns:
--   opportunity_id varchar: id in the CRM
--   opportunity_key integer: join key now; null when not seen now
--   account_key integer: accounts, now
--   owner_key integer: users, now
--   old_owner_key integer: previous_users, then
--   is_seen boolean: seen now
--   was_seen boolean: seen then
--   is_there boolean: in the later snapshot, seen or not
--   was_there boolean: in the earlier snapshot, seen or not
--   has_previous boolean: there is an earlier snapshot at all
--   and name, pipeline, stage, outcome, amount, currency, expected_close_on, created_at, closed_at: now; the same with old_: then
with earlier as (
    select o.*, s.opportunity_key is not null as was_seen
    from whole_previous_opportunities as o
    left join previous_opportunities as s on s.opportunity_key = o.opportunity_key
),
later as (
    select opportunity_id as later_id from whole_opportunities
),
known as (
    select count(*) > 0 as has_previous from whole_previous_opportunities
)
select
    coalesce(n.opportunity_id, o.opportunity_id) as opportunity_id,
    n.opportunity_key,
    n.account_key,
    n.owner_key,
    o.owner_key as old_owner_key,
    n.opportunity_key is not null as is_seen,
    coalesce(o.was_seen, false) as was_seen,
    n.opportunity_key is not null or l.later_id is not null as is_there,
    o.opportunity_key is not null as was_there,
    n.name,
    o.name as old_name,
    n.pipeline,
    o.pipeline as old_pipeline,
    n.stage,
    o.stage as old_stage,
    n.outcome,
    o.outcome as old_outcome,
    n.amount,
    o.amount as old_amount,
    n.currency,
    o.currency as old_currency,
    n.expected_close_on,
    o.expected_close_on as old_close_on,
    n.created_at,
    o.created_at as old_created_at,
    n.closed_at,
    o.closed_at as old_closed_at,
    k.has_previous
from opportunities as n
full join earlier as o on o.opportunity_id = n.opportunity_id
left join later as l on l.later_id = o.opportunity_id
cross join known as k
where n.opportunity_key is not null or o.was_seen
