-- What: everything that was done on one deal, newest first.
-- Row: one contact, to-do or request for a decision; the latest 300.
-- Definition: a to-do stands at its completion, else at its due date, else at its creation; an approval at its request. Effective as in the
--   canonical activities.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   item varchar: activity, task, approval
--   item_id varchar: id in the CRM
--   happened_on date: when; a to-do's due date may lie after as_of
--   kind varchar: call, visit, meeting, email, message, demo, quote, other; task; discount, price, credit, expense, contract
--   direction varchar: out, in; null for to-dos and approvals
--   outcome varchar: of the contact; open, done, overdue, cancelled for a to-do; the decision for an approval
--   is_effective boolean: a real contact made
--   who varchar: employee
--   person varchar: customer's person; null when not named
--   minutes bigint: minutes; null when not recorded
--   subject varchar: at most 120 characters
--   note varchar: at most 300 characters
-- Leaves out: contacts with the customer that are not booked on this deal.
with chosen as (
    select opportunity_key from opportunities where opportunity_id = $opportunity_id
),

events as (
    select
        'activity' as item,
        activities.activity_id as item_id,
        activities.happened_at,
        activities.kind,
        activities.direction,
        activities.outcome,
        coalesce(activities.is_effective, false) as is_effective,
        activities.owner_key as user_key,
        activities.contact_key,
        activities.minutes,
        activities.subject,
        activities.note
    from activities
    inner join chosen on chosen.opportunity_key = activities.opportunity_key
    union all
    select
        'task' as item,
        tasks.task_id as item_id,
        coalesce(tasks.completed_at, cast(tasks.due_on as timestamp), tasks.created_at) as happened_at,
        'task' as kind,
        cast(null as varchar) as direction,
        case
            when tasks.status = 'cancelled' then 'cancelled'
            when tasks.completed_at is not null or tasks.status = 'done' then 'done'
            when tasks.due_on < $as_of then 'overdue'
            else 'open'
        end as outcome,
        false as is_effective,
        tasks.owner_key as user_key,
        cast(null as integer) as contact_key,
        cast(null as integer) as minutes,
        tasks.subject,
        cast(null as varchar) as note
    from tasks
    inner join chosen on chosen.opportunity_key = tasks.opportunity_key
    union all
    select
        'approval' as item,
        approvals.approval_id as item_id,
        approvals.requested_at as happened_at,
        approvals.kind,
        cast(null as varchar) as direction,
        approvals.decision as outcome,
        false as is_effective,
        approvals.requested_by_key as user_key,
        cast(null as integer) as contact_key,
        cast(null as integer) as minutes,
        cast(null as varchar) as subject,
        cast(null as varchar) as note
    from approvals
    inner join chosen on chosen.opportunity_key = approvals.opportunity_key
)

select
    events.item,
    events.item_id,
    cast(events.happened_at as date) as happened_on,
    events.kind,
    events.direction,
    events.outcome,
    events.is_effective,
    users.name as who,
    contacts.name as person,
    cast(events.minutes as bigint) as minutes,
    substr(events.subject, 1, 120) as subject,
    substr(events.note, 1, 300) as note
from events
left join users on users.user_key = events.user_key
left join contacts on contacts.contact_key = events.contact_key
order by events.happened_at desc nulls last, item asc nulls last, item_id asc nulls last
limit 300
