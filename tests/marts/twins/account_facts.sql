-- Twin of account_facts: one question per column, asked of the canonical tables for each account.
with value as (
    select
        a.account_key, a.account_id,
        list_max([0, coalesce((
            select sum(o.amount) from opportunities o
            where o.account_key = a.account_key and o.outcome = 'won' and o.closed_at::date between $as_of - 729 and $as_of
        ), 0), coalesce((
            select sum(o.amount) from orders o
            where o.account_key = a.account_key and coalesce(o.status, '') <> 'cancelled' and o.ordered_on between $as_of - 729 and $as_of
        ), 0)]) as amount_730,
        list_max([0, coalesce((
            select sum(o.amount) from opportunities o
            where o.account_key = a.account_key and o.outcome = 'won' and o.closed_at::date between $as_of - 364 and $as_of
        ), 0), coalesce((
            select sum(o.amount) from orders o
            where o.account_key = a.account_key and coalesce(o.status, '') <> 'cancelled' and o.ordered_on between $as_of - 364 and $as_of
        ), 0)]) as amount_365
    from accounts a
),
placed as (
    select v.*, case when v.amount_730 > 0 then 1 + (
        select count(*) from value w
        where w.amount_730 > v.amount_730 or (w.amount_730 = v.amount_730 and w.account_id < v.account_id)
    ) end::int as value_rank
    from value v
),
days as (
    select distinct account_key, happened_at::date as day
    from activities
    where is_effective and happened_at::date <= $as_of
),
gaps as (
    select d.account_key, d.day - (select max(e.day) from days e where e.account_key = d.account_key and e.day < d.day and e.day > $as_of - 730) as gap
    from days d
    where d.day > $as_of - 730
),
bills as (
    select
        i.invoice_key, i.due_on,
        coalesce(i.account_key, o.account_key) as account_key,
        i.order_key, coalesce(o.status, '') as status,
        list_max([coalesce(i.amount, 0) - list_max([coalesce((
            select sum(p.amount) from payments p where p.invoice_key = i.invoice_key and p.paid_on <= $as_of
        ), 0), 0]), 0]) as rest
    from invoices i
    left join orders o on o.order_key = i.order_key
),
owed as (
    select
        b.account_key,
        case
            when b.order_key is null then b.rest
            else list_max([0, list_min([b.rest, (
                select sum(e.rest) from bills e
                where e.order_key = b.order_key
                    and (coalesce(e.due_on, date '9999-01-01'), e.invoice_key) <= (coalesce(b.due_on, date '9999-01-01'), b.invoice_key)
            ) - list_max([0, coalesce((
                select sum(p.amount) from payments p
                where p.order_key = b.order_key and p.invoice_key is null and p.paid_on <= $as_of
            ), 0)])])])
        end as open_amount
    from bills b
    where b.due_on < $as_of and b.status <> 'cancelled'
)
select
    a.account_key, a.owner_key, a.region,
    coalesce((select sum(amount) from opportunities o where o.account_key = a.account_key and o.outcome = 'won' and o.closed_at::date between $as_of - 364 and $as_of), 0)::decimal(18, 2) as won_amount_365,
    v.amount_365::decimal(18, 2) as value_365,
    coalesce((select sum(amount) from opportunities o where o.account_key = a.account_key and o.outcome = 'won' and coalesce(o.closed_at::date <= $as_of, true)), 0)::decimal(18, 2) as won_amount,
    (select count(*) from opportunities o where o.account_key = a.account_key and o.outcome = 'won' and coalesce(o.closed_at::date <= $as_of, true))::int as n_won,
    (select count(*) from opportunities o where o.account_key = a.account_key and o.outcome = 'open')::int as n_open_deals,
    coalesce((select sum(amount) from opportunities o where o.account_key = a.account_key and o.outcome = 'open'), 0)::decimal(18, 2) as open_amount,
    (select count(*) from activities x where x.account_key = a.account_key and x.is_effective and x.happened_at::date between $as_of - 364 and $as_of)::int as n_effective_365,
    (select max(x.happened_at::date) from activities x where x.account_key = a.account_key and x.happened_at::date <= $as_of) as last_touch_on,
    case when (select count(*) from gaps g where g.account_key = a.account_key) >= 4
        then (select median(g.gap::double) from gaps g where g.account_key = a.account_key) end as usual_gap_days,
    ($as_of - (select max(d.day) from days d where d.account_key = a.account_key))::int as days_silent,
    coalesce((
        select sum(p.amount) from payments p
        left join invoices i on i.invoice_key = p.invoice_key
        left join orders o on o.order_key = coalesce(p.order_key, i.order_key)
        where coalesce(p.account_key, i.account_key, o.account_key) = a.account_key and p.paid_on between $as_of - 364 and $as_of
    ), 0)::decimal(18, 2) as paid_amount_365,
    coalesce((select sum(b.open_amount) from owed b where b.account_key = a.account_key), 0)::decimal(18, 2) as overdue_amount,
    (
        select count(*) from cases c
        where c.account_key = a.account_key and coalesce(c.status, '') <> 'closed'
            and not coalesce(c.closed_at::date <= $as_of, false) and not coalesce(c.opened_at::date > $as_of, false)
    )::int as n_open_cases,
    v.value_rank,
    case
        when v.amount_730 <= 0 then 'D'
        when v.value_rank <= ceil(0.2 * (select count(*) from value where amount_730 > 0)) then 'A'
        when v.value_rank <= ceil(0.5 * (select count(*) from value where amount_730 > 0)) then 'B'
        else 'C'
    end as tier
from accounts a
join placed v on v.account_key = a.account_key
