-- What: money that customers should have paid by now, and tasks that should have been done by now.
-- Row: exactly one row.
-- Definition: open part of invoices and instalments due before the as-of date, payments matched first in first out
--   (invoice_facts); seriously overdue is more than 90 days. Tasks: open ones due before the as-of date.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   overdue_amount decimal(18,2): reporting currency
--   n_overdue bigint: invoices and instalments
--   overdue_90_amount decimal(18,2): reporting currency, more than 90 days
--   n_overdue_90 bigint: invoices and instalments
--   open_amount decimal(18,2): reporting currency, all that is not yet paid, due or not
--   n_invoices bigint: invoices and instalments in the snapshot
--   n_tasks_overdue bigint: tasks
--   n_tasks_open bigint: tasks
-- Leaves out: invoices without a due date and tasks without one: they are never overdue.
with debts as (
    select
        coalesce(sum(open_amount) filter (where days_overdue > 0), 0) as overdue_amount,
        count(*) filter (where days_overdue > 0) as n_overdue,
        coalesce(sum(open_amount) filter (where days_overdue > 90), 0) as overdue_90_amount,
        count(*) filter (where days_overdue > 90) as n_overdue_90,
        coalesce(sum(open_amount), 0) as open_amount,
        count(*) as n_invoices
    from invoice_facts
),
duties as (
    select
        count(*) filter (where due_on < $as_of) as n_tasks_overdue,
        count(*) as n_tasks_open
    from tasks
    where status = 'open' and completed_at is null
)
select
    cast(d.overdue_amount as decimal(18,2)) as overdue_amount,
    cast(d.n_overdue as bigint) as n_overdue,
    cast(d.overdue_90_amount as decimal(18,2)) as overdue_90_amount,
    cast(d.n_overdue_90 as bigint) as n_overdue_90,
    cast(d.open_amount as decimal(18,2)) as open_amount,
    cast(d.n_invoices as bigint) as n_invoices,
    cast(t.n_tasks_overdue as bigint) as n_tasks_overdue,
    cast(t.n_tasks_open as bigint) as n_tasks_open
from debts as d
cross join duties as t
