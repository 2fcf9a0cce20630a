-- What: records that time has overtaken, and whose they are.
-- Row: one owner of at least one such record; user_id null = records without an owner.
-- Definition: past_close: open deals whose expected closing day is before as_of. idle: open deals of which nothing is known for more than
--   90 days: neither created, moved to its stage, given a new closing day nor contacted. future: contacts dated after as_of, which
--   count in no figure. overdue: open tasks due more than 180 days before as_of. A deal can be both past its day and idle.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   user_id varchar: id in the CRM; null = nobody's
--   name varchar: salesperson; null = nobody's
--   team varchar: team
--   n_open bigint: open deals
--   n_past_close bigint: open deals past their expected closing day
--   past_close_amount decimal(18,2): reporting currency
--   n_idle bigint: open deals without change or contact for more than 90 days
--   idle_amount decimal(18,2): reporting currency
--   n_future bigint: contacts dated in the future
--   n_overdue bigint: open tasks more than 180 days overdue
-- Leaves out: decided deals; done and cancelled tasks.
with shifts as (
    select opportunity_key, cast(max(changed_at) as date) as last_on from close_date_changes group by opportunity_key
),
deals as (
    select
        d.owner_key,
        d.amount,
        coalesce(d.expected_close_on < $as_of, false) as is_past_close,
        coalesce(
            date_diff('day', greatest(d.created_on, d.last_touch_on, d.stage_entered_on, s.last_on), $as_of) > 90, false
        ) as is_idle
    from deal_facts as d
    left join shifts as s on s.opportunity_key = d.opportunity_key
    where d.outcome = 'open'
),
found as (
    select
        owner_key,
        count(*) as n_open,
        count(*) filter (where is_past_close) as n_past_close,
        sum(amount) filter (where is_past_close) as past_close_amount,
        count(*) filter (where is_idle) as n_idle,
        sum(amount) filter (where is_idle) as idle_amount,
        0 as n_future,
        0 as n_overdue
    from deals
    group by owner_key
    union all
    select owner_key, 0, 0, 0, 0, 0, count(*), 0
    from activities
    where cast(happened_at as date) > $as_of
    group by owner_key
    union all
    select owner_key, 0, 0, 0, 0, 0, 0, count(*)
    from tasks
    where status = 'open' and date_diff('day', due_on, $as_of) > 180
    group by owner_key
),
owners as (
    select
        owner_key,
        sum(n_open) as n_open,
        sum(n_past_close) as n_past_close,
        coalesce(sum(past_close_amount), 0) as past_close_amount,
        sum(n_idle) as n_idle,
        coalesce(sum(idle_amount), 0) as idle_amount,
        sum(n_future) as n_future,
        sum(n_overdue) as n_overdue
    from found
    group by owner_key
)
select
    u.user_id,
    u.name,
    u.team,
    cast(o.n_open as bigint) as n_open,
    cast(o.n_past_close as bigint) as n_past_close,
    cast(o.past_close_amount as decimal(18,2)) as past_close_amount,
    cast(o.n_idle as bigint) as n_idle,
    cast(o.idle_amount as decimal(18,2)) as idle_amount,
    cast(o.n_future as bigint) as n_future,
    cast(o.n_overdue as bigint) as n_overdue
from owners as o
left join users as u on u.user_key = o.owner_key
where o.n_past_close + o.n_idle + o.n_future + o.n_overdue > 0
order by past_close_amount desc, idle_amount desc, n_overdue desc, n_future desc, u.user_id asc nulls last
