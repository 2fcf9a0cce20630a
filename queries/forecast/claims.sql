-- What: what the CRM's probabilities and the salespeople's own calls promise up to a day.
-- Row: one group with open deals; exactly one row for all.
-- Definition: open deals whose expected closing lies between the first of the month that the day after the snapshot is in and until_on, as a
--   CRM's own roll-up takes them; deals overdue from earlier months are left out there too. stated = sum of probability x amount.
--   commit is the single category, the deals called certain; best is the cumulative roll-up, commit and best case together. What is
--   won already stands in neither. Categories are told by the words of the usual CRMs.
-- Parameters:
--   as_of date: the snapshot's date
--   until_on date: first day after what is promised
--   dimension varchar: all or owner
-- Columns:
--   group_id varchar: user id; empty for all, and for deals without owner
--   group_name varchar: name
--   n_due bigint: open deals expected to close by then
--   due_amount decimal(18,2): reporting currency
--   n_stated bigint: of those, deals with a probability
--   stated_amount decimal(18,2): reporting currency; null when the CRM exports no probability of open deals
--   n_commit bigint: deals
--   commit_amount decimal(18,2): reporting currency; null when the CRM exports no such category of open deals
--   best_amount decimal(18,2): reporting currency; the same
-- Leaves out: deals without an amount or expected closing.
with called as (
    select
        case when $dimension = 'owner' then coalesce(users.user_id, '') else '' end as group_id,
        case when $dimension = 'owner' then users.name end as group_name,
        cast(amount as double) as amount,
        probability,
        coalesce(replace(lower(trim(forecast_category)), '_', ' ') in ('commit', 'committed', 'forecast', '承诺', '已承诺', '确认'), false) as is_commit,
        coalesce(replace(lower(trim(forecast_category)), '_', ' ') in ('best case', 'upside', '最佳情况', '最佳案例', '最佳情形'), false) as is_best,
        amount is not null
        and expected_close_on >= cast(date_trunc('month', cast($as_of + interval 1 day as date)) as date)
        and expected_close_on < $until_on as is_due
    from opportunities
    left join users on users.user_key = opportunities.owner_key
    where outcome = 'open'
),
known as (
    -- What the CRM exports at all, whoever's deals.
    select count(probability) as n_probabilities, count(*) filter (where is_commit or is_best) as n_categories from called
),
groups as (
    select group_id, max(group_name) as group_name from called where $dimension = 'owner' group by group_id
    union all
    select '' as group_id, cast(null as varchar) as group_name from known where $dimension = 'all'
),
sums as (
    select
        group_id,
        count(*) filter (where is_due) as n_due,
        coalesce(sum(amount) filter (where is_due), 0) as due,
        count(probability) filter (where is_due) as n_stated,
        coalesce(sum(amount * probability) filter (where is_due), 0) as stated,
        count(*) filter (where is_due and is_commit) as n_commit,
        coalesce(sum(amount) filter (where is_due and is_commit), 0) as committed,
        coalesce(sum(amount) filter (where is_due and (is_commit or is_best)), 0) as best
    from called
    group by group_id
)
select
    g.group_id,
    g.group_name,
    cast(coalesce(s.n_due, 0) as bigint) as n_due,
    cast(round(coalesce(s.due, 0), 2) as decimal(18,2)) as due_amount,
    cast(coalesce(s.n_stated, 0) as bigint) as n_stated,
    cast(case when k.n_probabilities > 0 then round(coalesce(s.stated, 0), 2) end as decimal(18,2)) as stated_amount,
    cast(coalesce(s.n_commit, 0) as bigint) as n_commit,
    cast(case when k.n_categories > 0 then round(coalesce(s.committed, 0), 2) end as decimal(18,2)) as commit_amount,
    cast(case when k.n_categories > 0 then round(coalesce(s.best, 0), 2) end as decimal(18,2)) as best_amount
from groups as g
cross join known as k
left join sums as s on s.group_id = g.group_id
order by group_id
