-- What: what is sold in one deal, at which price and margin.
-- Row: one line of the deal, or of its order where the deal itself has none.
-- Definition: amount = quantity x price after discount; margin = amount - quantity x cost; margin rate = margin over amount.
-- Parameters:
--   opportunity_id varchar: the deal
-- Columns:
--   line_id varchar: id in the CRM
--   product_name varchar: product
--   family varchar: product family
--   quantity double: units
--   unit_price decimal(18,2): reporting currency, after discount
--   discount double: 0 to 1
--   amount decimal(18,2): reporting currency
--   margin decimal(18,2): reporting currency; null without cost
--   margin_rate double: share of the amount; null without cost
-- Leaves out: lines of orders when the deal has lines of its own (they would count twice).
with chosen as (
    select opportunity_key from opportunities where opportunity_id = $opportunity_id
),

own as (
    select count(*) as n_lines
    from line_items
    inner join chosen on chosen.opportunity_key = line_items.opportunity_key
),

ordered as (
    select orders.order_key
    from orders
    inner join chosen on chosen.opportunity_key = orders.opportunity_key
),

lines as (
    select
        line_items.line_id,
        line_items.product_key,
        line_items.quantity,
        line_items.unit_price,
        line_items.discount,
        line_items.unit_cost
    from line_items
    inner join chosen on chosen.opportunity_key = line_items.opportunity_key
    union all
    select
        line_items.line_id,
        line_items.product_key,
        line_items.quantity,
        line_items.unit_price,
        line_items.discount,
        line_items.unit_cost
    from line_items
    inner join ordered on ordered.order_key = line_items.order_key
    cross join own
    where own.n_lines = 0
)

select
    lines.line_id,
    products.name as product_name,
    products.family,
    lines.quantity,
    lines.unit_price,
    lines.discount,
    cast(lines.quantity * cast(lines.unit_price as double) as decimal(18, 2)) as amount,
    cast(lines.quantity * cast(lines.unit_price - lines.unit_cost as double) as decimal(18, 2)) as margin,
    cast(lines.unit_price - lines.unit_cost as double) / nullif(cast(lines.unit_price as double), 0) as margin_rate
from lines
left join products on products.product_key = lines.product_key
order by amount desc nulls last, line_id asc nulls last
