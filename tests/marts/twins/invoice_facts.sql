-- Twin of invoice_facts: what reached an instalment is what the order got, less what the earlier instalments still took.
with recursive received as (
    select
        i.*,
        coalesce(i.account_key, o.account_key) as account,
        coalesce(i.owner_key, o.owner_key, a.owner_key) as owner,
        coalesce(o.status = 'cancelled', false) as is_cancelled,
        coalesce((select sum(p.amount) from payments p where p.invoice_key = i.invoice_key and p.paid_on <= $as_of), 0) as direct,
        (select max(p.paid_on) from payments p where p.invoice_key = i.invoice_key and p.paid_on <= $as_of) as direct_on,
        row_number() over (partition by i.order_key order by i.due_on nulls last, i.invoice_key) as turn
    from invoices i
    left join orders o on o.order_key = i.order_key
    left join accounts a on a.account_key = coalesce(i.account_key, o.account_key)
),
bills as (
    select *, list_max([coalesce(amount, 0) - list_max([direct, 0]), 0]) as rest from received
),
pools as (
    select
        b.order_key,
        list_max([coalesce(sum(p.amount), 0), 0])::decimal(38, 2) as pool
    from (select distinct order_key from bills) b
    left join payments p on p.order_key = b.order_key and p.invoice_key is null and p.paid_on <= $as_of
    group by b.order_key
),
filling as (
    select
        b.order_key, b.turn, b.invoice_key, 0::decimal(38, 2) as taken_before, q.pool,
        list_min([b.rest, q.pool])::decimal(38, 2) as got
    from bills b
    join pools q on q.order_key = b.order_key
    where b.turn = 1 and b.order_key is not null
    union all
    select
        b.order_key, b.turn, b.invoice_key, (f.taken_before + f.got)::decimal(38, 2),
        f.pool, list_min([b.rest, f.pool - f.taken_before - f.got])::decimal(38, 2)
    from filling f
    join bills b on b.order_key = f.order_key and b.turn = f.turn + 1
),
dated as (
    select
        f.*,
        -- The last payment that was still needed: before it, the order had not yet got to the end of this instalment.
        (
            select max(p.paid_on) from payments p
            where p.order_key = f.order_key and p.invoice_key is null and p.paid_on <= $as_of and p.amount > 0
                and (
                    select coalesce(sum(q.amount), 0) from payments q
                    where q.order_key = f.order_key and q.invoice_key is null and q.amount > 0
                        and (q.paid_on < p.paid_on or (q.paid_on = p.paid_on and q.payment_key < p.payment_key))
                ) < f.taken_before + f.got
                and f.got > 0
        ) as pool_on
    from filling f
)
select
    b.invoice_key, b.order_key, b.account as account_key, b.owner as owner_key, b.amount, b.due_on,
    (b.direct + coalesce(d.got, 0))::decimal(18, 2) as paid_amount,
    (case when b.is_cancelled then 0 else b.rest - coalesce(d.got, 0) end)::decimal(18, 2) as open_amount,
    (case when not b.is_cancelled and b.rest > coalesce(d.got, 0) and b.due_on < $as_of then date_diff('day', b.due_on, $as_of) else 0 end)::int
        as days_overdue,
    list_max(list_filter([b.direct_on, d.pool_on], lambda x: x is not null)) as last_paid_on
from bills b
left join dated d on d.invoice_key = b.invoice_key
