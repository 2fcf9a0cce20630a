-- Share of the won amount that each tenth of the customers brings, largest first.
with ranked as (
    select
        won_amount,
        row_number() over (order by won_amount desc, account_key) - 1 as place,
        count(*) over () as n_customers
    from account_facts
    where won_amount > 0
)
select
    floor(place * 10.0 / n_customers)::integer as tenth,
    count(*)::bigint as n_customers,
    sum(won_amount)::decimal(18,2) as won_amount
from ranked
group by floor(place * 10.0 / n_customers)::integer
order by tenth
