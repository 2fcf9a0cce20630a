-- What: which open deals moved on between two snapshots, which moved back, and with which nothing happened.
-- Row: one course that occurs; with detail = owner one course of one salesperson; with detail = deal one deal.
-- Definition: metrics §1, trend; deals that are open in both snapshots. slipped: expected to close in the period then, and behind it (or on no
--   day at all) now. Else signs for the better: closing date earlier, stage forward in the same pipeline, amount up; for the worse: the reverse. up: only
--   better ones; down: only worse; mixed: both; idle: none of them. An amount in another currency than before is no sign. A closing date
--   set for the first time is none either.
-- Parameters:
--   detail varchar: total, owner or deal
--   course varchar: one course only; empty = all
--   currency varchar: reporting currency, that of deals which name none
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   position integer: order of the courses, 1 to 5
--   course varchar: up, mixed, idle, down, slipped
--   owner_id varchar: detail = owner: who is responsible now; null = nobody
--   owner_name varchar: the same, by name
--   opportunity_id varchar: detail = deal: the deal, and the columns that follow
--   name varchar: deal
--   owner varchar: name of who is responsible now
--   old_stage varchar: then
--   stage varchar: now
--   old_amount decimal(18,2): then, reporting currency
--   new_amount decimal(18,2): now, reporting currency
--   old_close_on date: expected closing then
--   close_on date: expected closing now
--   n bigint: deals
--   amount decimal(18,2): reporting currency, as it stands now
-- Leaves out: deals that came, were decided, or vanished between the snapshots.
with pairs as (
    select
        p.opportunity_id, p.name, p.old_stage, p.stage, p.old_amount, p.amount as new_amount, p.old_close_on, p.expected_close_on as close_on,
        u.user_id as owner_id,
        u.name as owner,
        coalesce(
            p.old_close_on >= $period_start and p.old_close_on < $period_end
            and (p.expected_close_on is null or p.expected_close_on >= $period_end),
            false
        ) as has_slipped,
        coalesce(p.expected_close_on < p.old_close_on, false)
        or coalesce(s.position > o.position, false)
        or coalesce(p.currency, $currency) is not distinct from coalesce(p.old_currency, $currency)
        and coalesce(p.amount, 0) > coalesce(p.old_amount, 0) as is_better,
        coalesce(p.expected_close_on > p.old_close_on, false)
        or (p.old_close_on is not null and p.expected_close_on is null)
        or coalesce(s.position < o.position, false)
        or coalesce(p.currency, $currency) is not distinct from coalesce(p.old_currency, $currency)
        and coalesce(p.amount, 0) < coalesce(p.old_amount, 0) as is_worse
    from deal_pairs as p
    left join users as u on u.user_key = p.owner_key
    left join stages as s on s.pipeline = p.pipeline and s.stage = p.stage and s.outcome = 'open'
    left join stages as o on o.pipeline = p.pipeline and p.old_pipeline = p.pipeline and o.stage = p.old_stage and o.outcome = 'open'
    where p.is_seen and p.outcome = 'open' and p.old_outcome = 'open'
),
judged as (
    select
        p.*,
        case
            when has_slipped then 'slipped'
            when is_better and is_worse then 'mixed'
            when is_better then 'up'
            when is_worse then 'down'
            else 'idle'
        end as course
    from pairs as p
),
placed as (
    select
        case course when 'up' then 1 when 'mixed' then 2 when 'idle' then 3 when 'down' then 4 else 5 end as position,
        course,
        coalesce(new_amount, 0) as now_amount,
        case when $detail = 'owner' then owner_id end as group_id,
        case when $detail = 'owner' then owner end as group_name,
        case when $detail = 'deal' then opportunity_id end as opportunity_id,
        case when $detail = 'deal' then name end as name,
        case when $detail = 'deal' then owner end as owner,
        case when $detail = 'deal' then old_stage end as old_stage,
        case when $detail = 'deal' then stage end as stage,
        case when $detail = 'deal' then old_amount end as old_amount,
        case when $detail = 'deal' then new_amount end as new_amount,
        case when $detail = 'deal' then old_close_on end as old_close_on,
        case when $detail = 'deal' then close_on end as close_on
    from judged
    where $course = '' or course = $course
)
select
    cast(position as integer) as position,
    course,
    group_id as owner_id,
    max(group_name) as owner_name,
    opportunity_id,
    max(name) as name,
    max(owner) as owner,
    max(old_stage) as old_stage,
    max(stage) as stage,
    cast(max(old_amount) as decimal(18,2)) as old_amount,
    cast(max(new_amount) as decimal(18,2)) as new_amount,
    max(old_close_on) as old_close_on,
    max(close_on) as close_on,
    cast(count(*) as bigint) as n,
    cast(sum(now_amount) as decimal(18,2)) as amount
from placed
group by position, course, group_id, opportunity_id
order by position, sum(now_amount) desc, owner_id nulls last, opportunity_id nulls last
