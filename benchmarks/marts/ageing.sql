-- What customers owe, by age.
select
    case when days_overdue = 0 then 0 when days_overdue <= 30 then 30 when days_overdue <= 90 then 90 when days_overdue <= 365 then 365 else 366 end as bucket,
    count(*)::bigint as n_invoices,
    sum(open_amount)::decimal(18,2) as open_amount
from invoice_facts
where open_amount > 0
group by bucket
order by bucket
