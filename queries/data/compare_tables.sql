-- What: what two snapshots hold, table by table: how many rows each has, and how many came, went and changed.
-- Row: one canonical table that has rows in either snapshot.
-- Definition: rows are the same when their ids in the CRM are. changed: an own field differs; what a row refers to (its owner, its customer)
--   is not compared, and neither are notes of contacts. n_common, n_new, n_gone and n_changed are null where the rows of either snapshot
--   carry no ids. The earlier of the two snapshots is the one that previous_ tables are of.
-- Columns:
--   position integer: order of the tables
--   table_name varchar: canonical table
--   n_before bigint: rows in the earlier snapshot
--   n_after bigint: rows in the later snapshot
--   n_common bigint: ids in both
--   n_new bigint: ids only in the later
--   n_gone bigint: ids only in the earlier
--   n_changed bigint: ids in both with a field that differs
-- Leaves out: tables whose rows have no id of their own: stages, their history, closing dates, goals.
with
users_pairs as (
    select
        n.user_id as new_id,
        o.user_id as old_id,
        n.user_id = o.user_id and (
            n.name is distinct from o.name
            or n.email is distinct from o.email
            or n.role is distinct from o.role
            or n.team is distinct from o.team
            or n.region is distinct from o.region
            or n.hired_on is distinct from o.hired_on
            or n.left_on is distinct from o.left_on
        ) as is_changed
    from users as n
    full join previous_users as o on o.user_id = n.user_id
),
accounts_pairs as (
    select
        n.account_id as new_id,
        o.account_id as old_id,
        n.account_id = o.account_id and (
            n.name is distinct from o.name
            or n.industry is distinct from o.industry
            or n.region is distinct from o.region
            or n.city is distinct from o.city
            or n.source is distinct from o.source
            or n.crm_tier is distinct from o.crm_tier
            or n.headcount is distinct from o.headcount
            or n.annual_revenue is distinct from o.annual_revenue
            or n.lifecycle is distinct from o.lifecycle
            or n.preference is distinct from o.preference
            or n.created_at is distinct from o.created_at
        ) as is_changed
    from accounts as n
    full join previous_accounts as o on o.account_id = n.account_id
),
contacts_pairs as (
    select
        n.contact_id as new_id,
        o.contact_id as old_id,
        n.contact_id = o.contact_id and (
            n.name is distinct from o.name
            or n.title is distinct from o.title
            or n.buying_role is distinct from o.buying_role
            or n.phone is distinct from o.phone
            or n.email is distinct from o.email
            or n.birthday is distinct from o.birthday
            or n.preference is distinct from o.preference
            or n.created_at is distinct from o.created_at
        ) as is_changed
    from contacts as n
    full join previous_contacts as o on o.contact_id = n.contact_id
),
leads_pairs as (
    select
        n.lead_id as new_id,
        o.lead_id as old_id,
        n.lead_id = o.lead_id and (
            n.name is distinct from o.name
            or n.company is distinct from o.company
            or n.source is distinct from o.source
            or n.region is distinct from o.region
            or n.status is distinct from o.status
            or n.created_at is distinct from o.created_at
            or n.converted_at is distinct from o.converted_at
        ) as is_changed
    from leads as n
    full join previous_leads as o on o.lead_id = n.lead_id
),
opportunities_pairs as (
    select
        n.opportunity_id as new_id,
        o.opportunity_id as old_id,
        n.opportunity_id = o.opportunity_id and (
            n.name is distinct from o.name
            or n.pipeline is distinct from o.pipeline
            or n.stage is distinct from o.stage
            or n.outcome is distinct from o.outcome
            or n.amount is distinct from o.amount
            or n.currency is distinct from o.currency
            or n.probability is distinct from o.probability
            or n.forecast_category is distinct from o.forecast_category
            or n.source is distinct from o.source
            or n.need is distinct from o.need
            or n.competitor is distinct from o.competitor
            or n.loss_reason is distinct from o.loss_reason
            or n.next_step is distinct from o.next_step
            or n.next_step_on is distinct from o.next_step_on
            or n.expected_close_on is distinct from o.expected_close_on
            or n.created_at is distinct from o.created_at
            or n.closed_at is distinct from o.closed_at
        ) as is_changed
    from opportunities as n
    full join previous_opportunities as o on o.opportunity_id = n.opportunity_id
),
activities_pairs as (
    select
        n.activity_id as new_id,
        o.activity_id as old_id,
        n.activity_id = o.activity_id and (
            n.kind is distinct from o.kind
            or n.direction is distinct from o.direction
            or n.happened_at is distinct from o.happened_at
            or n.minutes is distinct from o.minutes
            or n.outcome is distinct from o.outcome
            or n.subject is distinct from o.subject
            or n.with_manager is distinct from o.with_manager
        ) as is_changed
    from activities as n
    full join previous_activities as o on o.activity_id = n.activity_id
),
tasks_pairs as (
    select
        n.task_id as new_id,
        o.task_id as old_id,
        n.task_id = o.task_id and (
            n.subject is distinct from o.subject
            or n.priority is distinct from o.priority
            or n.created_at is distinct from o.created_at
            or n.due_on is distinct from o.due_on
            or n.completed_at is distinct from o.completed_at
            or n.status is distinct from o.status
        ) as is_changed
    from tasks as n
    full join previous_tasks as o on o.task_id = n.task_id
),
products_pairs as (
    select
        n.product_id as new_id,
        o.product_id as old_id,
        n.product_id = o.product_id and (
            n.name is distinct from o.name
            or n.family is distinct from o.family
            or n.list_price is distinct from o.list_price
            or n.unit_cost is distinct from o.unit_cost
            or n.stock is distinct from o.stock
            or n.is_active is distinct from o.is_active
        ) as is_changed
    from products as n
    full join previous_products as o on o.product_id = n.product_id
),
line_items_pairs as (
    select
        n.line_id as new_id,
        o.line_id as old_id,
        n.line_id = o.line_id and (
            n.quantity is distinct from o.quantity
            or n.unit_price is distinct from o.unit_price
            or n.discount is distinct from o.discount
            or n.unit_cost is distinct from o.unit_cost
        ) as is_changed
    from line_items as n
    full join previous_line_items as o on o.line_id = n.line_id
),
orders_pairs as (
    select
        n.order_id as new_id,
        o.order_id as old_id,
        n.order_id = o.order_id and (
            n.region is distinct from o.region
            or n.amount is distinct from o.amount
            or n.currency is distinct from o.currency
            or n.status is distinct from o.status
            or n.ordered_on is distinct from o.ordered_on
            or n.ends_on is distinct from o.ends_on
        ) as is_changed
    from orders as n
    full join previous_orders as o on o.order_id = n.order_id
),
invoices_pairs as (
    select
        n.invoice_id as new_id,
        o.invoice_id as old_id,
        n.invoice_id = o.invoice_id and (
            n.amount is distinct from o.amount
            or n.instalment is distinct from o.instalment
            or n.issued_on is distinct from o.issued_on
            or n.due_on is distinct from o.due_on
        ) as is_changed
    from invoices as n
    full join previous_invoices as o on o.invoice_id = n.invoice_id
),
payments_pairs as (
    select
        n.payment_id as new_id,
        o.payment_id as old_id,
        n.payment_id = o.payment_id and (
            n.amount is distinct from o.amount
            or n.paid_on is distinct from o.paid_on
        ) as is_changed
    from payments as n
    full join previous_payments as o on o.payment_id = n.payment_id
),
expenses_pairs as (
    select
        n.expense_id as new_id,
        o.expense_id as old_id,
        n.expense_id = o.expense_id and (
            n.kind is distinct from o.kind
            or n.amount is distinct from o.amount
            or n.spent_on is distinct from o.spent_on
        ) as is_changed
    from expenses as n
    full join previous_expenses as o on o.expense_id = n.expense_id
),
approvals_pairs as (
    select
        n.approval_id as new_id,
        o.approval_id as old_id,
        n.approval_id = o.approval_id and (
            n.kind is distinct from o.kind
            or n.amount is distinct from o.amount
            or n.discount is distinct from o.discount
            or n.requested_at is distinct from o.requested_at
            or n.decided_at is distinct from o.decided_at
            or n.decision is distinct from o.decision
        ) as is_changed
    from approvals as n
    full join previous_approvals as o on o.approval_id = n.approval_id
),
cases_pairs as (
    select
        n.case_id as new_id,
        o.case_id as old_id,
        n.case_id = o.case_id and (
            n.kind is distinct from o.kind
            or n.priority is distinct from o.priority
            or n.status is distinct from o.status
            or n.opened_at is distinct from o.opened_at
            or n.first_response_at is distinct from o.first_response_at
            or n.closed_at is distinct from o.closed_at
            or n.satisfaction is distinct from o.satisfaction
        ) as is_changed
    from cases as n
    full join previous_cases as o on o.case_id = n.case_id
),
ids as (
    select 1 as position, 'users' as table_name, new_id, old_id, is_changed from users_pairs
    union all
    select 2 as position, 'accounts' as table_name, new_id, old_id, is_changed from accounts_pairs
    union all
    select 3 as position, 'contacts' as table_name, new_id, old_id, is_changed from contacts_pairs
    union all
    select 4 as position, 'leads' as table_name, new_id, old_id, is_changed from leads_pairs
    union all
    select 5 as position, 'opportunities' as table_name, new_id, old_id, is_changed from opportunities_pairs
    union all
    select 6 as position, 'activities' as table_name, new_id, old_id, is_changed from activities_pairs
    union all
    select 7 as position, 'tasks' as table_name, new_id, old_id, is_changed from tasks_pairs
    union all
    select 8 as position, 'products' as table_name, new_id, old_id, is_changed from products_pairs
    union all
    select 9 as position, 'line_items' as table_name, new_id, old_id, is_changed from line_items_pairs
    union all
    select 10 as position, 'orders' as table_name, new_id, old_id, is_changed from orders_pairs
    union all
    select 11 as position, 'invoices' as table_name, new_id, old_id, is_changed from invoices_pairs
    union all
    select 12 as position, 'payments' as table_name, new_id, old_id, is_changed from payments_pairs
    union all
    select 13 as position, 'expenses' as table_name, new_id, old_id, is_changed from expenses_pairs
    union all
    select 14 as position, 'approvals' as table_name, new_id, old_id, is_changed from approvals_pairs
    union all
    select 15 as position, 'cases' as table_name, new_id, old_id, is_changed from cases_pairs
),
sizes as (
    select 1 as position, count(*) as n_after, 0 as n_before from users
    union all
    select 1, 0, count(*) from previous_users
    union all
    select 2 as position, count(*) as n_after, 0 as n_before from accounts
    union all
    select 2, 0, count(*) from previous_accounts
    union all
    select 3 as position, count(*) as n_after, 0 as n_before from contacts
    union all
    select 3, 0, count(*) from previous_contacts
    union all
    select 4 as position, count(*) as n_after, 0 as n_before from leads
    union all
    select 4, 0, count(*) from previous_leads
    union all
    select 5 as position, count(*) as n_after, 0 as n_before from opportunities
    union all
    select 5, 0, count(*) from previous_opportunities
    union all
    select 6 as position, count(*) as n_after, 0 as n_before from activities
    union all
    select 6, 0, count(*) from previous_activities
    union all
    select 7 as position, count(*) as n_after, 0 as n_before from tasks
    union all
    select 7, 0, count(*) from previous_tasks
    union all
    select 8 as position, count(*) as n_after, 0 as n_before from products
    union all
    select 8, 0, count(*) from previous_products
    union all
    select 9 as position, count(*) as n_after, 0 as n_before from line_items
    union all
    select 9, 0, count(*) from previous_line_items
    union all
    select 10 as position, count(*) as n_after, 0 as n_before from orders
    union all
    select 10, 0, count(*) from previous_orders
    union all
    select 11 as position, count(*) as n_after, 0 as n_before from invoices
    union all
    select 11, 0, count(*) from previous_invoices
    union all
    select 12 as position, count(*) as n_after, 0 as n_before from payments
    union all
    select 12, 0, count(*) from previous_payments
    union all
    select 13 as position, count(*) as n_after, 0 as n_before from expenses
    union all
    select 13, 0, count(*) from previous_expenses
    union all
    select 14 as position, count(*) as n_after, 0 as n_before from approvals
    union all
    select 14, 0, count(*) from previous_approvals
    union all
    select 15 as position, count(*) as n_after, 0 as n_before from cases
    union all
    select 15, 0, count(*) from previous_cases
),
held as (
    select position, sum(n_after) as n_after, sum(n_before) as n_before from sizes group by position
),
compared as (
    select
        position,
        table_name,
        count(new_id) as n_new_ids,
        count(old_id) as n_old_ids,
        sum(case when new_id = old_id then 1 else 0 end) as n_common,
        sum(case when is_changed then 1 else 0 end) as n_changed
    from ids
    group by position, table_name
),
known as (
    select
        c.position,
        c.table_name,
        h.n_before,
        h.n_after,
        c.n_common,
        c.n_new_ids - c.n_common as n_new,
        c.n_old_ids - c.n_common as n_gone,
        c.n_changed,
        not (h.n_after > 0 and c.n_new_ids = 0) and not (h.n_before > 0 and c.n_old_ids = 0) as has_ids
    from compared as c
    inner join held as h on h.position = c.position
)
select
    cast(position as integer) as position,
    table_name,
    cast(n_before as bigint) as n_before,
    cast(n_after as bigint) as n_after,
    cast(case when has_ids then n_common end as bigint) as n_common,
    cast(case when has_ids then n_new end as bigint) as n_new,
    cast(case when has_ids then n_gone end as bigint) as n_gone,
    cast(case when has_ids then n_changed end as bigint) as n_changed
from known
where n_before + n_after > 0
order by position
