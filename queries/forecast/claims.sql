-- What: what the CRM's probabilities and the salespeople's own calls promise up to a day.
-- Row: exactly one row.
-- Definition: open deals whose expected closing lies between the first of the month that the day after the snapshot is in and until_on, as a
--   CRM's own roll-up takes them; deals overdue from earlier months are left out there too. stated = sum of probability x amount.
--   commit is the single category, the deals called certain; best is the cumulative roll-up, commit and best case together. What is
--   won already stands in neither. Categories are told by the words of the usual CRMs.
-- Parameters:
--   as_of date: the snapshot's date
--   until_on date: first day after what is promised
-- Columns:
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
        cast(amount as double) as amount,
        probability,
        coalesce(replace(lower(trim(forecast_category)), '_', ' ') in ('commit', 'committed', 'forecast', '承诺', '已承诺', '确认'), false) as is_commit,
        coalesce(replace(lower(trim(forecast_category)), '_', ' ') in ('best case', 'upside', '最佳情况', '最佳案例', '最佳情形'), false) as is_best,
        amount is not null
        and expected_close_on >= cast(date_trunc('month', cast($as_of + interval 1 day as date)) as date)
        and expected_close_on < $until_on as is_due
    from opportunities
    where outcome = 'open'
),
sums as (
    select
        count(*) filter (where is_due) as n_due,
        coalesce(sum(amount) filter (where is_due), 0) as due,
        count(probability) as n_probabilities,
        count(probability) filter (where is_due) as n_stated,
        coalesce(sum(amount * probability) filter (where is_due), 0) as stated,
        count(*) filter (where is_commit or is_best) as n_categories,
        count(*) filter (where is_due and is_commit) as n_commit,
        coalesce(sum(amount) filter (where is_due and is_commit), 0) as committed,
        coalesce(sum(amount) filter (where is_due and (is_commit or is_best)), 0) as best
    from called
)
select
    cast(n_due as bigint) as n_due,
    cast(round(due, 2) as decimal(18,2)) as due_amount,
    cast(n_stated as bigint) as n_stated,
    cast(case when n_probabilities > 0 then round(stated, 2) end as decimal(18,2)) as stated_amount,
    cast(n_commit as bigint) as n_commit,
    cast(case when n_categories > 0 then round(committed, 2) end as decimal(18,2)) as commit_amount,
    cast(case when n_categories > 0 then round(best, 2) end as decimal(18,2)) as best_amount
from sums
