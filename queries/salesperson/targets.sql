-- What: targets of one salesperson month by month and what was reached.
-- Row: one measure and month with a target, the 12 months up to the month of as_of.
-- Definition: revenue = deals won, by closing date. Collected = payments by receipt date. Margin = quantity x (price - cost) of the lines of
--   deals won, by closing date. Activities = contacts tried. New customers = accounts whose first won deal closed in the month. Nothing
--   after as_of counts.
-- Parameters:
--   user_id varchar: the salesperson
--   as_of date: the snapshot's date
-- Columns:
--   measure varchar: revenue, collected, margin, activities, new_customers
--   month date: first day of the month
--   target decimal(18,2): reporting currency, or a count
--   actual decimal(18,2): reporting currency, or a count
--   attainment double: actual over target; null for a target of 0
--   is_running boolean: the month was not over at as_of
-- Leaves out: targets of teams; margin of lines without cost.
with person as (
    select user_key from users where user_id = $user_id
),

span as (
    select cast(date_trunc('month', $as_of) - interval 11 month as date) as first_on
),

goals as (
    select targets.measure, targets.month, sum(targets.value) as target
    from targets
    inner join person on person.user_key = targets.owner_key
    cross join span
    where targets.month >= span.first_on and targets.month <= $as_of
    group by targets.measure, targets.month
),

won as (
    select
        deal_facts.opportunity_key,
        deal_facts.account_key,
        deal_facts.amount,
        cast(date_trunc('month', deal_facts.closed_on) as date) as month
    from deal_facts
    inner join person on person.user_key = deal_facts.owner_key
    where deal_facts.outcome = 'won' and deal_facts.closed_on <= $as_of
),

first_wins as (
    select account_key, min(month) as month from won where account_key is not null group by account_key
),

reached as (
    select 'revenue' as measure, month, sum(cast(amount as double)) as actual from won group by month
    union all
    select 'margin' as measure, won.month, sum(line_items.quantity * cast(line_items.unit_price - line_items.unit_cost as double)) as actual
    from won
    inner join line_items on line_items.opportunity_key = won.opportunity_key
    group by won.month
    union all
    select 'new_customers' as measure, month, cast(count(*) as double) as actual from first_wins group by month
    union all
    select
        'collected' as measure,
        cast(date_trunc('month', payments.paid_on) as date) as month,
        sum(cast(payments.amount as double)) as actual
    from payments
    inner join person on person.user_key = payments.owner_key
    where payments.paid_on <= $as_of
    group by cast(date_trunc('month', payments.paid_on) as date)
    union all
    select
        'activities' as measure,
        cast(date_trunc('month', rep_days.day) as date) as month,
        cast(sum(rep_days.n_touches) as double) as actual
    from rep_days
    inner join person on person.user_key = rep_days.owner_key
    where rep_days.day <= $as_of
    group by cast(date_trunc('month', rep_days.day) as date)
)

select
    goals.measure,
    goals.month,
    cast(goals.target as decimal(18, 2)) as target,
    cast(coalesce(reached.actual, 0) as decimal(18, 2)) as actual,
    coalesce(reached.actual, 0) / nullif(cast(goals.target as double), 0) as attainment,
    cast(goals.month + interval 1 month as date) > cast($as_of + interval 1 day as date) as is_running
from goals
left join reached on reached.measure = goals.measure and reached.month = goals.month
order by measure asc nulls last, month asc nulls last
