-- What: the money of one deal: orders, instalments and receipts.
-- Row: one order, one instalment or one receipt.
-- Definition: open = the part of an instalment not yet paid (invoice_facts); overdue days count from its due date to as_of.
-- Parameters:
--   opportunity_id varchar: the deal
-- Columns:
--   item varchar: order, instalment, payment
--   item_id varchar: id in the CRM
--   on_date date: ordered, due, received
--   amount decimal(18,2): reporting currency
--   open_amount decimal(18,2): reporting currency, instalments only
--   days_overdue bigint: days; 0 = not due or paid; instalments only
--   status varchar: of the order (active, done, cancelled); paid, part, overdue, due, cancelled for an instalment; received
-- Leaves out: receipts that name neither an order nor an instalment of this deal.
with chosen as (
    select opportunity_key from opportunities where opportunity_id = $opportunity_id
),

ordered as (
    select orders.order_key, orders.order_id, orders.ordered_on, orders.amount, orders.status
    from orders
    inner join chosen on chosen.opportunity_key = orders.opportunity_key
),

billed as (
    select
        invoices.invoice_key,
        invoices.invoice_id,
        invoice_facts.due_on,
        invoice_facts.amount,
        invoice_facts.paid_amount,
        invoice_facts.open_amount,
        invoice_facts.days_overdue
    from invoices
    inner join ordered on ordered.order_key = invoices.order_key
    inner join invoice_facts on invoice_facts.invoice_key = invoices.invoice_key
),

receipts as (
    select payments.payment_key, payments.payment_id, payments.paid_on, payments.amount
    from payments
    left join ordered on ordered.order_key = payments.order_key
    left join billed on billed.invoice_key = payments.invoice_key
    where ordered.order_key is not null or billed.invoice_key is not null
),

items as (
    select
        'order' as item,
        order_id as item_id,
        ordered_on as on_date,
        amount,
        cast(null as decimal(18, 2)) as open_amount,
        cast(null as bigint) as days_overdue,
        status
    from ordered
    union all
    select
        'instalment' as item,
        invoice_id as item_id,
        due_on as on_date,
        amount,
        cast(open_amount as decimal(18, 2)) as open_amount,
        cast(days_overdue as bigint) as days_overdue,
        case
            when open_amount <= 0 and paid_amount < amount then 'cancelled'
            when open_amount <= 0 then 'paid'
            when days_overdue > 0 then 'overdue'
            when paid_amount > 0 then 'part'
            else 'due'
        end as status
    from billed
    union all
    select
        'payment' as item,
        payment_id as item_id,
        paid_on as on_date,
        amount,
        cast(null as decimal(18, 2)) as open_amount,
        cast(null as bigint) as days_overdue,
        'received' as status
    from receipts
)

select
    item,
    item_id,
    on_date,
    cast(amount as decimal(18, 2)) as amount,
    open_amount,
    days_overdue,
    status
from items
order by on_date asc nulls last, item desc nulls last, item_id asc nulls last
