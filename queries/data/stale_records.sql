-- What: the records of one kind that time has overtaken.
-- Row: one deal, contact or task, the largest amount first, then the oldest.
-- Definition: kinds as in data/stale_by_owner. on_date is the expected closing day that has passed, the last day on which anything happened
--   to the deal, the day of a contact to come, or the day a task was due; n_days are the days from there to as_of, for a contact to come from as_of.
-- Parameters:
--   as_of date: the snapshot's date
--   kind varchar: past_close, idle, future, overdue
-- Columns:
--   record_id varchar: id in the CRM
--   name varchar: name of the deal, subject of the contact or task
--   account_name varchar: customer
--   owner_name varchar: who is responsible; null = nobody
--   opportunity_id varchar: deal it belongs to; null = none
--   on_date date: see the definition
--   n_days bigint: days
--   amount decimal(18,2): reporting currency, of the deal
-- Leaves out: all but the first 500; data/stale_by_owner counts every one.
with shifts as (
    select opportunity_key, cast(max(changed_at) as date) as last_on from close_date_changes where $kind = 'idle' group by opportunity_key
),
deals as (
    select
        d.opportunity_key,
        d.opportunity_id,
        d.owner_key,
        d.account_key,
        d.amount,
        d.expected_close_on,
        greatest(d.created_on, d.last_touch_on, d.stage_entered_on, s.last_on) as last_on
    from deal_facts as d
    left join shifts as s on s.opportunity_key = d.opportunity_key
    where d.outcome = 'open' and $kind in ('past_close', 'idle')
),
found as (
    select
        d.opportunity_id as record_id, o.name, d.account_key, d.owner_key, d.opportunity_key,
        case when $kind = 'idle' then d.last_on else d.expected_close_on end as on_date
    from deals as d
    inner join opportunities as o on o.opportunity_key = d.opportunity_key
    where ($kind = 'past_close' and d.expected_close_on < $as_of)
        or ($kind = 'idle' and date_diff('day', d.last_on, $as_of) > 90)
    union all
    select activity_id, subject, account_key, owner_key, opportunity_key, cast(happened_at as date)
    from activities
    where $kind = 'future' and cast(happened_at as date) > $as_of
    union all
    select task_id, subject, account_key, owner_key, opportunity_key, due_on
    from tasks
    where $kind = 'overdue' and status = 'open' and date_diff('day', due_on, $as_of) > 180
),
final as (
    select
        f.record_id,
        f.name,
        a.name as account_name,
        u.name as owner_name,
        o.opportunity_id,
        f.on_date,
        abs(date_diff('day', f.on_date, $as_of)) as n_days,
        o.amount
    from found as f
    left join opportunities as o on o.opportunity_key = f.opportunity_key
    left join accounts as a on a.account_key = f.account_key
    left join users as u on u.user_key = f.owner_key
)
select
    record_id,
    name,
    account_name,
    owner_name,
    opportunity_id,
    on_date,
    cast(n_days as bigint) as n_days,
    amount
from final
order by amount desc nulls last, on_date asc nulls last, record_id asc nulls last
limit 500
