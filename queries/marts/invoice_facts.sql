-- What: each bill or instalment with what has been paid on it and how long the rest is overdue.
-- Row: one invoice.
-- Definition: payments up to the as-of date. One that names its invoice goes to it; one that names only its order goes to the order's
--   instalments, earliest due date first, filling each before the next; refunds take from the last. What is paid beyond the
--   amount is not open anywhere. Instalments of a cancelled order are not open. Due today is not overdue.
-- Columns:
--   invoice_key integer: join key
--   order_key integer: orders
--   account_key integer: accounts, from the order where the invoice lacks it
--   owner_key integer: users, from the order, then the customer
--   amount decimal(18,2): reporting currency
--   due_on date: due day
--   paid_amount decimal(18,2): reporting currency
--   open_amount decimal(18,2): reporting currency, never below 0
--   days_overdue integer: days since due; 0 = not due, paid, or no due date
--   last_paid_on date: day of the last payment that went to it
with receipts as (
    select payment_key, invoice_key, order_key, coalesce(amount, 0) as amount, paid_on
    from payments
    where paid_on <= $as_of
),
direct as (
    select invoice_key, sum(amount) as amount, max(paid_on) as last_paid_on
    from receipts
    where invoice_key is not null
    group by invoice_key
),
bills as (
    select
        i.invoice_key,
        i.order_key,
        coalesce(i.account_key, o.account_key) as account_key,
        coalesce(i.owner_key, o.owner_key, a.owner_key) as owner_key,
        i.amount,
        i.due_on,
        o.status is not distinct from 'cancelled' as is_cancelled,
        greatest(coalesce(i.amount, 0) - greatest(coalesce(d.amount, 0), 0), 0) as rest,
        coalesce(d.amount, 0) as direct_amount,
        d.last_paid_on as direct_paid_on
    from invoices as i
    left join orders as o on o.order_key = i.order_key
    left join accounts as a on a.account_key = coalesce(i.account_key, o.account_key)
    left join direct as d on d.invoice_key = i.invoice_key
),
slots as (
    -- The order's instalments as intervals on one line of money.
    select
        invoice_key,
        order_key,
        sum(rest) over (partition by order_key order by due_on nulls last, invoice_key rows unbounded preceding) - rest as from_amount,
        sum(rest) over (partition by order_key order by due_on nulls last, invoice_key rows unbounded preceding) as to_amount
    from bills
    where order_key is not null and rest > 0
),
pools as (
    select order_key, sum(amount) as amount
    from receipts
    where invoice_key is null and order_key is not null
    group by order_key
),
fillings as (
    -- The order's payments as intervals on the same line, cut at the net sum so that refunds count.
    select
        r.order_key,
        r.paid_on,
        sum(r.amount) over (partition by r.order_key order by r.paid_on, r.payment_key rows unbounded preceding) - r.amount as from_amount,
        least(
            sum(r.amount) over (partition by r.order_key order by r.paid_on, r.payment_key rows unbounded preceding),
            p.amount
        ) as to_amount
    from receipts as r
    inner join pools as p on p.order_key = r.order_key
    where r.invoice_key is null and r.amount > 0
),
filled as (
    select
        s.invoice_key,
        sum(least(s.to_amount, f.to_amount) - greatest(s.from_amount, f.from_amount)) as amount,
        max(f.paid_on) as last_paid_on
    from slots as s
    inner join fillings as f
        on f.order_key = s.order_key and f.from_amount < s.to_amount and f.to_amount > s.from_amount
    group by s.invoice_key
),
paid as (
    select
        b.*,
        b.direct_amount + coalesce(f.amount, 0) as paid_amount,
        greatest(b.direct_paid_on, f.last_paid_on) as last_paid_on,
        case when b.is_cancelled then 0 else b.rest - coalesce(f.amount, 0) end as open_amount
    from bills as b
    left join filled as f on f.invoice_key = b.invoice_key
)
select
    invoice_key,
    order_key,
    account_key,
    owner_key,
    cast(amount as decimal(18,2)) as amount,
    due_on,
    cast(paid_amount as decimal(18,2)) as paid_amount,
    cast(open_amount as decimal(18,2)) as open_amount,
    cast(case when open_amount > 0 and due_on < $as_of then $as_of - due_on else 0 end as integer) as days_overdue,
    last_paid_on
from paid
