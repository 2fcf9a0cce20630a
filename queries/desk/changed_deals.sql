-- What: the deals behind one kind of change since the previous snapshot.
-- Row: one deal, largest change first.
-- Definition: kinds as in desk/changes; amount is what counts there: the difference for grown and shrunk, the old amount for vanished.
-- Parameters:
--   kind varchar: new, won, lost, slipped, grown, shrunk, vanished, reopened
-- Columns:
--   opportunity_id varchar: deal
--   name varchar: deal
--   account_name varchar: customer; null for vanished deals
--   owner_name varchar: who is responsible; null for vanished deals
--   amount decimal(18,2): reporting currency
--   old_close_on date: expected closing in the previous snapshot
--   expected_close_on date: expected closing now
--   stage varchar: stage now; for vanished deals the last one
-- Leaves out: nothing.
with deals as (
    select
        o.opportunity_id, o.name, o.outcome, coalesce(o.amount, 0) as amount, o.expected_close_on, o.stage,
        a.name as account_name, u.name as owner_name
    from opportunities as o
    left join accounts as a on a.account_key = o.account_key
    left join users as u on u.user_key = o.owner_key
),
old_deals as (
    select opportunity_id, name, outcome, coalesce(amount, 0) as amount, expected_close_on, stage
    from previous_opportunities
),
known as (
    select count(*) > 0 as has_previous from old_deals
),
pairs as (
    select
        coalesce(d.opportunity_id, o.opportunity_id) as opportunity_id,
        coalesce(d.name, o.name) as name,
        d.account_name,
        d.owner_name,
        d.opportunity_id is null as is_gone,
        o.opportunity_id is null as is_new,
        d.outcome,
        o.outcome as old_outcome,
        d.amount,
        o.amount as old_amount,
        o.expected_close_on as old_close_on,
        d.expected_close_on,
        coalesce(d.stage, o.stage) as stage,
        k.has_previous
    from deals as d
    full join old_deals as o on o.opportunity_id = d.opportunity_id
    cross join known as k
),
chosen as (
    select
        opportunity_id, name, account_name, owner_name, old_close_on, expected_close_on, stage,
        case $kind
            when 'grown' then amount - old_amount
            when 'shrunk' then old_amount - amount
            when 'vanished' then old_amount
            else amount
        end as amount
    from pairs
    where has_previous and case $kind
        when 'new' then is_new
        when 'won' then outcome = 'won' and old_outcome is distinct from 'won'
        when 'lost' then outcome = 'lost' and old_outcome is distinct from 'lost'
        when 'slipped' then outcome = 'open' and old_outcome = 'open' and expected_close_on > old_close_on
        when 'grown' then outcome = 'open' and old_outcome = 'open' and amount > old_amount
        when 'shrunk' then outcome = 'open' and old_outcome = 'open' and amount < old_amount
        when 'vanished' then is_gone
        when 'reopened' then outcome = 'open' and old_outcome in ('won', 'lost')
        else false
    end
)
select
    opportunity_id,
    name,
    account_name,
    owner_name,
    cast(amount as decimal(18,2)) as amount,
    old_close_on,
    expected_close_on,
    stage
from chosen
order by amount desc nulls last, opportunity_id
