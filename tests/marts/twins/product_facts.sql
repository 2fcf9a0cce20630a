-- Twin of product_facts: each line asks whether and when it was sold.
with lines as (
    select
        l.product_key, coalesce(l.quantity, 0) as quantity, l.quantity is not null as has_quantity,
        coalesce(l.unit_price, 0)::double as price, coalesce(l.unit_cost, p.unit_cost)::double as cost,
        case when l.order_key is not null then (
            select o.ordered_on from orders o where o.order_key = l.order_key and coalesce(o.status, '') <> 'cancelled'
        ) else (
            select d.closed_at::date from opportunities d
            where d.opportunity_key = l.opportunity_key and d.outcome = 'won'
                and d.opportunity_key not in (
                    select o.opportunity_key from orders o
                    where o.opportunity_key is not null and o.order_key in (select x.order_key from line_items x where x.order_key is not null)
                )
        ) end as sold_on,
        case when l.order_key is not null
            then coalesce((select 'deal ' || o.opportunity_key from orders o where o.order_key = l.order_key), 'order ' || l.order_key)
            else 'deal ' || l.opportunity_key end as sale
    from line_items l
    join products p on p.product_key = l.product_key
)
select
    p.product_key,
    coalesce(sum(l.quantity), 0)::double as quantity_365,
    coalesce(sum(l.quantity * l.price), 0)::decimal(18, 2) as revenue_365,
    sum(l.quantity * l.cost)::decimal(18, 2) as cost_365,
    sum(l.quantity * (l.price - l.cost))::decimal(18, 2) as margin_365,
    count(distinct l.sale)::int as n_deals_365
from products p
left join lines l on l.product_key = p.product_key and l.sold_on between $as_of - 364 and $as_of
group by p.product_key
