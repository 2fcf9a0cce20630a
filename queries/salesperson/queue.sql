-- What: whom one salesperson should contact next, with the reason, the money behind it and where the last talk stopped.
-- Row: one open deal, or one customer without an open deal, that is due; at most 60.
-- Definition: a deal is due for the first of these that holds: step_overdue (the next step's date passed without an effective contact since),
--   step_due (next step within 3 days), never (older than 7 days, no effective contact yet), silent (longer than the firm's silence limit),
--   closing (expected to close within 14 days, silent for more than 7). A customer is due for: complaint (open service cases), rhythm (silent
--   longer than his own usual gap and at least 14 days). At stake = amount x the firm's odds from the stage reached; for a customer a quarter
--   of what he bought in the last 365 days. Suggested channel = kind of the last effective contact where that
--   is a way to talk, else a call.
-- Parameters:
--   user_id varchar: the salesperson
--   as_of date: the snapshot's date
-- Columns:
--   item varchar: deal or customer
--   item_id varchar: id of the deal or of the account
--   opportunity_id varchar: the deal; null for a customer
--   name varchar: name of the deal, or of the customer
--   account_name varchar: the customer's name
--   reason varchar: step_overdue, step_due, never, silent, closing, complaint, rhythm
--   due_on date: since when, or when
--   days_over bigint: days past due, 0 when not yet
--   stake_amount decimal(18,2): reporting currency
--   next_step varchar: as noted, at most 120 characters
--   last_on date: last effective contact; null when there was none
--   last_said varchar: note or subject of it, at most 160 characters
--   last_person varchar: whom it was with
--   channel varchar: suggested kind of contact
-- Leaves out: deals and customers that are within their rhythm.
with person as (
    select user_key from users where user_id = $user_id
),

deals as (
    select
        'deal' as item,
        deal_facts.opportunity_id as item_id,
        deal_facts.opportunity_key,
        deal_facts.account_key,
        opportunities.name,
        opportunities.next_step,
        opportunities.next_step_on,
        deal_facts.created_on,
        deal_facts.expected_close_on,
        deal_facts.last_effective_on,
        deal_flags.is_silent,
        deal_flags.days_silent,
        firm_norms.silence_limit_days,
        cast(deal_facts.amount as double) * coalesce(deal_facts.win_odds, 0) as stake_amount
    from deal_flags
    inner join person on person.user_key = deal_flags.owner_key
    inner join deal_facts on deal_facts.opportunity_key = deal_flags.opportunity_key
    inner join opportunities on opportunities.opportunity_key = deal_flags.opportunity_key
    cross join firm_norms
),

deals_due as (
    select
        item,
        item_id,
        opportunity_key,
        account_key,
        name,
        next_step,
        stake_amount,
        case
            when next_step_on < $as_of and coalesce(last_effective_on < next_step_on, true) then 'step_overdue'
            when next_step_on >= $as_of and next_step_on <= cast($as_of + interval 3 day as date) then 'step_due'
            when last_effective_on is null and days_silent > 7 then 'never'
            when is_silent then 'silent'
            when expected_close_on >= $as_of and expected_close_on <= cast($as_of + interval 14 day as date) and days_silent > 7 then 'closing'
        end as reason,
        case
            when next_step_on < $as_of and coalesce(last_effective_on < next_step_on, true) then next_step_on
            when next_step_on >= $as_of and next_step_on <= cast($as_of + interval 3 day as date) then next_step_on
            when last_effective_on is null and days_silent > 7 then cast(created_on + interval 7 day as date)
            when is_silent then last_effective_on + cast(floor(silence_limit_days) as integer)
            else $as_of
        end as due_on
    from deals
),

customers_due as (
    select
        'customer' as item,
        accounts.account_id as item_id,
        cast(null as integer) as opportunity_key,
        account_facts.account_key,
        accounts.name,
        cast(null as varchar) as next_step,
        coalesce(cast(account_facts.won_amount_365 as double), 0) / 4 as stake_amount,
        case when account_facts.n_open_cases > 0 then 'complaint' else 'rhythm' end as reason,
        case
            when account_facts.n_open_cases > 0 then $as_of
            else $as_of - cast(floor(account_facts.days_silent - account_facts.usual_gap_days) as integer)
        end as due_on
    from account_facts
    inner join person on person.user_key = account_facts.owner_key
    inner join accounts on accounts.account_key = account_facts.account_key
    where account_facts.n_open_deals = 0
        and account_facts.won_amount > 0
        and (account_facts.n_open_cases > 0 or (account_facts.days_silent > account_facts.usual_gap_days and account_facts.days_silent >= 14))
),

due as (
    select item, item_id, opportunity_key, account_key, name, next_step, stake_amount, reason, due_on
    from deals_due
    where reason is not null
    union all
    select item, item_id, opportunity_key, account_key, name, next_step, stake_amount, reason, due_on
    from customers_due
),

chosen as (
    select item, item_id, opportunity_key, account_key, name, next_step, stake_amount, reason, due_on
    from due
    order by stake_amount desc nulls last, item asc nulls last, item_id asc nulls last
    limit 60
),

-- One pass over the contacts serves both: those of the deal for a deal, those of the account for a customer.
heard as (
    select
        chosen.item,
        chosen.item_id,
        activities.kind,
        activities.happened_at,
        activities.contact_key,
        coalesce(activities.note, activities.subject) as said,
        row_number() over (
            partition by chosen.item, chosen.item_id order by activities.happened_at desc nulls last, activities.activity_key desc nulls last
        ) as place
    from activities
    inner join chosen on chosen.account_key = activities.account_key
    where activities.is_effective
        and cast(activities.happened_at as date) <= $as_of
        and (chosen.opportunity_key is null or activities.opportunity_key = chosen.opportunity_key)
)

select
    chosen.item,
    chosen.item_id,
    case when chosen.item = 'deal' then chosen.item_id end as opportunity_id,
    chosen.name,
    accounts.name as account_name,
    chosen.reason,
    chosen.due_on,
    cast(greatest(0, date_diff('day', chosen.due_on, $as_of)) as bigint) as days_over,
    cast(chosen.stake_amount as decimal(18, 2)) as stake_amount,
    substr(chosen.next_step, 1, 120) as next_step,
    cast(heard.happened_at as date) as last_on,
    substr(heard.said, 1, 160) as last_said,
    contacts.name as last_person,
    case when heard.kind in ('call', 'visit', 'meeting', 'email', 'message') then heard.kind else 'call' end as channel
from chosen
left join accounts on accounts.account_key = chosen.account_key
left join heard on heard.item = chosen.item and heard.item_id = chosen.item_id and heard.place = 1
left join contacts on contacts.contact_key = heard.contact_key
order by stake_amount desc nulls last, item asc nulls last, item_id asc nulls last
