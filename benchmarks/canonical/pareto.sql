with customers as (
    select o.account_key, sum(o.amount) as won_amount
    from opportunities as o
    inner join accounts as a on a.account_key = o.account_key
    where o.outcome = 'won' and (o.closed_at is null or cast(o.closed_at as date) <= $as_of)
    group by o.account_key
    having sum(o.amount) > 0
),
ranked as (
    select
        won_amount,
        row_number() over (order by won_amount desc, account_key) - 1 as place,
        count(*) over () as n_customers
    from customers
)
select
    floor(place * 10.0 / n_customers)::integer as tenth,
    count(*)::bigint as n_customers,
    sum(won_amount)::decimal(18,2) as won_amount
from ranked
group by floor(place * 10.0 / n_customers)::integer
order by tenth
