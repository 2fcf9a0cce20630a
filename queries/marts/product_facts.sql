-- What: what each product sold, earned and cost in the last 365 days.
-- Row: one product.
-- Definition: lines of orders signed in the 365 days up to the as-of date and not cancelled, and lines of won deals closed in them where no
--   order of the deal carries lines, so that a deal and its order do not count twice. Cost is the line's unit cost, else the
--   product's; lines without either count as revenue but not in cost and margin.
-- Columns:
--   product_key integer: join key
--   quantity_365 double: units
--   revenue_365 decimal(18,2): reporting currency
--   cost_365 decimal(18,2): reporting currency; null where no cost is known
--   margin_365 decimal(18,2): reporting currency, of the lines with a cost
--   n_deals_365 integer: distinct deals (orders without a deal count as one)
with ordered_deals as (
    select distinct o.opportunity_key
    from orders as o
    inner join line_items as l on l.order_key = o.order_key
    where o.opportunity_key is not null
),
sales as (
    select l.product_key, l.quantity, l.unit_price, l.unit_cost, o.opportunity_key, o.order_key
    from line_items as l
    inner join orders as o on o.order_key = l.order_key
    where o.status is distinct from 'cancelled' and o.ordered_on > $as_of - 365 and o.ordered_on <= $as_of
    union all
    select l.product_key, l.quantity, l.unit_price, l.unit_cost, d.opportunity_key, null
    from line_items as l
    inner join opportunities as d on d.opportunity_key = l.opportunity_key
    anti join ordered_deals as x on x.opportunity_key = l.opportunity_key
    where l.order_key is null
        and d.outcome = 'won'
        and cast(d.closed_at as date) > $as_of - 365
        and cast(d.closed_at as date) <= $as_of
),
valued as (
    select
        s.product_key,
        s.quantity,
        coalesce(s.quantity, 0) * cast(coalesce(s.unit_price, 0) as double) as revenue,
        coalesce(s.quantity, 0) * cast(coalesce(s.unit_cost, p.unit_cost) as double) as cost,
        coalesce('d' || s.opportunity_key, 'o' || s.order_key) as sale
    from sales as s
    inner join products as p on p.product_key = s.product_key
),
summed as (
    select
        product_key,
        sum(quantity) as quantity,
        sum(revenue) as revenue,
        sum(cost) as cost,
        sum(revenue - cost) as margin,
        count(distinct sale) as n_deals
    from valued
    group by product_key
)
select
    p.product_key,
    cast(coalesce(s.quantity, 0) as double) as quantity_365,
    cast(coalesce(s.revenue, 0) as decimal(18,2)) as revenue_365,
    cast(s.cost as decimal(18,2)) as cost_365,
    cast(s.margin as decimal(18,2)) as margin_365,
    cast(coalesce(s.n_deals, 0) as integer) as n_deals_365
from products as p
left join summed as s on s.product_key = p.product_key
