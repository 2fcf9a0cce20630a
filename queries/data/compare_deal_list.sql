-- What: the deals behind one kind of change between two snapshots.
-- Row: one deal, largest amount at stake first.
-- Definition: kinds as in data/compare_deals. change is the amount that counts there: the difference for amount, the old amount for gone.
-- Parameters:
--   kind varchar: new, won, lost, reopened, gone, stage, amount, owner, close_date
-- Columns:
--   opportunity_id varchar: deal
--   name varchar: deal; for those gone its last name
--   change decimal(18,2): reporting currency
--   old_stage varchar: in the earlier snapshot
--   stage varchar: in the later snapshot
--   old_amount decimal(18,2): in the earlier snapshot
--   amount decimal(18,2): in the later snapshot
--   old_owner varchar: name in the earlier snapshot
--   owner varchar: name in the later snapshot
--   old_close_on date: expected closing in the earlier snapshot
--   close_on date: expected closing in the later snapshot
-- Leaves out: nothing.
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
        coalesce(n.name, o.name) as name,
        n.stage,
        o.stage as old_stage,
        n.outcome,
        o.outcome as old_outcome,
        n.amount,
        o.amount as old_amount,
        n.owner_id,
        o.owner_id as old_owner_id,
        n.owner_name,
        o.owner_name as old_owner_name,
        n.expected_close_on,
        o.expected_close_on as old_close_on
    from deals as n
    full join old_deals as o on o.opportunity_id = n.opportunity_id
),
chosen as (
    select
        coalesce(new_id, old_id) as opportunity_id,
        name,
        case $kind when 'amount' then amount - old_amount when 'gone' then old_amount else amount end as change,
        old_stage,
        stage,
        old_amount,
        amount,
        old_owner_name,
        owner_name,
        old_close_on,
        expected_close_on
    from pairs
    where case $kind
        when 'new' then old_id is null
        when 'won' then outcome = 'won' and old_outcome is distinct from 'won'
        when 'lost' then outcome = 'lost' and old_outcome is distinct from 'lost'
        when 'reopened' then outcome = 'open' and old_outcome in ('won', 'lost')
        when 'gone' then new_id is null
        when 'stage' then
            new_id = old_id and outcome is not distinct from old_outcome and stage is distinct from old_stage
        when 'amount' then new_id = old_id and amount <> old_amount
        when 'owner' then new_id = old_id and owner_id is distinct from old_owner_id
        when 'close_date' then
            outcome = 'open' and old_outcome = 'open' and expected_close_on is distinct from old_close_on
        else false
    end
)
select
    opportunity_id,
    name,
    cast(change as decimal(18,2)) as change,
    old_stage,
    stage,
    cast(old_amount as decimal(18,2)) as old_amount,
    cast(amount as decimal(18,2)) as amount,
    old_owner_name as old_owner,
    owner_name as owner,
    old_close_on,
    expected_close_on as close_on
from chosen
order by abs(change) desc nulls last, opportunity_id
