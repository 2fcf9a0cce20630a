with direct as (
    select invoice_key, greatest(sum(coalesce(amount, 0)), 0) as amount
    from payments
    where invoice_key is not null and paid_on <= $as_of
    group by invoice_key
),
pools as (
    select order_key, sum(coalesce(amount, 0)) as amount
    from payments
    where invoice_key is null and order_key is not null and paid_on <= $as_of
    group by order_key
),
bills as (
    select i.invoice_key, i.order_key, i.due_on, greatest(coalesce(i.amount, 0) - coalesce(d.amount, 0), 0) as rest
    from invoices as i
    left join direct as d on d.invoice_key = i.invoice_key
),
lined as (
    select
        *,
        case
            when order_key is not null
                then sum(rest) over (partition by order_key order by due_on nulls last, invoice_key rows unbounded preceding)
        end as up_to
    from bills
),
owed as (
    select
        b.due_on,
        b.rest - greatest(0, least(b.rest, coalesce(p.amount, 0) - (b.up_to - b.rest))) as open_amount
    from lined as b
    left join pools as p on p.order_key = b.order_key
    left join orders as o on o.order_key = b.order_key
    where o.status is distinct from 'cancelled'
),
aged as (
    select open_amount, case when due_on < $as_of then $as_of - due_on else 0 end as days_overdue
    from owed
    where open_amount > 0
)
select
    case when days_overdue = 0 then 0 when days_overdue <= 30 then 30 when days_overdue <= 90 then 90 when days_overdue <= 365 then 365 else 366 end as bucket,
    count(*)::bigint as n_invoices,
    sum(open_amount)::decimal(18,2) as open_amount
from aged
group by bucket
order by bucket
