-- What: what happened to the deals between two snapshots.
-- Row: one kind of change; nine rows, always all.
-- Definition: deals are the same when their ids in the CRM are. new: only in the later snapshot, amount as it stands. gone: only in the
--   earlier, with its old amount. won, lost: so now and not so before (a deal that came and was decided in between is both new and won).
--   reopened: decided before, open now. Of deals in both: stage, where the outcome is the same and the stage is not; owner, another is
--   responsible; close_date, expected closing differs while open in both; these three with the amount as it stands; amount, by the
--   difference, which may be negative. One deal may stand under several kinds; the kinds are events, not parts of a sum. The earlier of
--   the two snapshots is the one that previous_ tables are of.
-- Columns:
--   position integer: 1 to 9
--   kind varchar: new, won, lost, reopened, gone, stage, amount, owner, close_date
--   n bigint: deals
--   amount decimal(18,2): reporting currency
-- Leaves out: nothing; deals without amount count with 0.
with deals as (
    select
        d.opportunity_id, d.name, d.stage, d.outcome, coalesce(d.amount, 0) as amount, d.expected_close_on,
        u.user_id as owner_id, u.name as owner_name
    from opportunities as d
    left join users as u on u.user_key = d.owner_key
),
old_deals as (
    select
        d.opportunity_id, d.name, d.stage, d.outcome, coalesce(d.amount, 0) as amount, d.expected_close_on,
        u.user_id as owner_id, u.name as owner_name
    from previous_opportunities as d
    left join previous_users as u on u.user_key = d.owner_key
),
pairs as (
    select
        n.opportunity_id as new_id,
        o.opportunity_id as old_id,
        n.outcome,
        o.outcome as old_outcome,
        coalesce(n.amount, 0) as amount,
        coalesce(o.amount, 0) as old_amount,
        n.stage is distinct from o.stage as has_moved,
        n.owner_id is distinct from o.owner_id as has_other_owner,
        n.expected_close_on is distinct from o.expected_close_on as has_other_date
    from deals as n
    full join old_deals as o on o.opportunity_id = n.opportunity_id
),
events as (
    select 'new' as kind, amount as amount from pairs where old_id is null
    union all
    select outcome, amount from pairs where outcome in ('won', 'lost') and outcome is distinct from old_outcome
    union all
    select 'reopened', amount from pairs where outcome = 'open' and old_outcome in ('won', 'lost')
    union all
    select 'gone', old_amount from pairs where new_id is null
    union all
    select 'stage', amount from pairs where new_id = old_id and outcome is not distinct from old_outcome and has_moved
    union all
    select 'amount', amount - old_amount from pairs where new_id = old_id and amount <> old_amount
    union all
    select 'owner', amount from pairs where new_id = old_id and has_other_owner
    union all
    select 'close_date', amount from pairs where outcome = 'open' and old_outcome = 'open' and has_other_date
),
kinds as (
    select 1 as position, 'new' as kind
    union all
    select 2, 'won'
    union all
    select 3, 'lost'
    union all
    select 4, 'reopened'
    union all
    select 5, 'gone'
    union all
    select 6, 'stage'
    union all
    select 7, 'amount'
    union all
    select 8, 'owner'
    union all
    select 9, 'close_date'
)
select
    cast(k.position as integer) as position,
    k.kind,
    cast(count(e.kind) as bigint) as n,
    cast(coalesce(sum(e.amount), 0) as decimal(18,2)) as amount
from kinds as k
left join events as e on e.kind = k.kind
group by k.position, k.kind
order by position
