-- What: what happened to the deals since the previous snapshot.
-- Row: one kind of change; eight rows, always all.
-- Definition: deals of both snapshots are joined on their natural id. new: not there before; amount as it stands. won, lost: so now and not
--   so before (a deal that came and was decided in between is both new and won). reopened: decided before, open now. Of deals open in
--   both: slipped, expected closing moved later (amount as it stands); grown and shrunk, by the difference, both positive. vanished: there
--   before and not now, with its old amount; for a viewer of part of the firm also deals handed to somebody outside it. One deal
--   may stand under several kinds; the kinds are events, not parts of a sum. All zero without a previous snapshot.
-- Columns:
--   position integer: 1 to 8
--   kind varchar: new, won, lost, slipped, grown, shrunk, vanished, reopened
--   n bigint: deals
--   amount decimal(18,2): reporting currency
-- Leaves out: nothing; deals without amount count with 0.
with deals as (
    select opportunity_id, outcome, coalesce(amount, 0) as amount, expected_close_on from opportunities
),
old_deals as (
    select opportunity_id, outcome, coalesce(amount, 0) as amount, expected_close_on from previous_opportunities
),
known as (
    select count(*) > 0 as has_previous from old_deals
),
pairs as (
    select
        d.opportunity_id as new_id,
        o.opportunity_id as old_id,
        d.outcome,
        o.outcome as old_outcome,
        coalesce(d.amount, 0) as amount,
        coalesce(o.amount, 0) as old_amount,
        d.expected_close_on,
        o.expected_close_on as old_close_on,
        k.has_previous
    from deals as d
    full join old_deals as o on o.opportunity_id = d.opportunity_id
    cross join known as k
),
events as (
    select 'new' as kind, amount as amount from pairs where has_previous and old_id is null
    union all
    select outcome, amount
    from pairs
    where has_previous and outcome in ('won', 'lost') and outcome is distinct from old_outcome
    union all
    select 'slipped', amount
    from pairs
    where outcome = 'open' and old_outcome = 'open' and expected_close_on > old_close_on
    union all
    select 'grown', amount - old_amount
    from pairs
    where outcome = 'open' and old_outcome = 'open' and amount > old_amount
    union all
    select 'shrunk', old_amount - amount
    from pairs
    where outcome = 'open' and old_outcome = 'open' and amount < old_amount
    union all
    select 'vanished', old_amount from pairs where new_id is null
    union all
    select 'reopened', amount from pairs where outcome = 'open' and old_outcome in ('won', 'lost')
),
kinds as (
    select 1 as position, 'new' as kind
    union all
    select 2, 'won'
    union all
    select 3, 'lost'
    union all
    select 4, 'slipped'
    union all
    select 5, 'grown'
    union all
    select 6, 'shrunk'
    union all
    select 7, 'vanished'
    union all
    select 8, 'reopened'
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
