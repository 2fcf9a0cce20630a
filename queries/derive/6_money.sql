-- What one money document says for another: the order behind an instalment, the deal behind an order, the cost of a line.
insert into orders (order_key, order_id, opportunity_key, account_key, owner_key, amount, original_amount, currency, status, ordered_on, is_derived)
select opportunity_key, opportunity_id, opportunity_key, account_key, owner_key, amount, original_amount, currency, 'active', cast(closed_at as date), true
from opportunities
where outcome = 'won' and not exists (select 1 from orders);
update orders set is_derived = false where is_derived is null;
update orders set account_key = coalesce(orders.account_key, o.account_key), owner_key = coalesce(orders.owner_key, o.owner_key)
from opportunities as o
where o.opportunity_key = orders.opportunity_key and (orders.account_key is null or orders.owner_key is null);
update line_items set opportunity_key = o.opportunity_key
from orders as o
where line_items.opportunity_key is null and o.order_key = line_items.order_key and o.opportunity_key is not null;
update line_items set unit_cost = p.unit_cost
from products as p
where line_items.unit_cost is null and p.product_key = line_items.product_key and p.unit_cost is not null;
update invoices set account_key = coalesce(invoices.account_key, o.account_key), owner_key = coalesce(invoices.owner_key, o.owner_key)
from orders as o
where o.order_key = invoices.order_key and (invoices.account_key is null or invoices.owner_key is null);
update payments set order_key = coalesce(payments.order_key, i.order_key), account_key = coalesce(payments.account_key, i.account_key), owner_key = coalesce(payments.owner_key, i.owner_key)
from invoices as i
where i.invoice_key = payments.invoice_key and (payments.order_key is null or payments.account_key is null or payments.owner_key is null);
update payments set account_key = coalesce(payments.account_key, o.account_key), owner_key = coalesce(payments.owner_key, o.owner_key)
from orders as o
where o.order_key = payments.order_key and (payments.account_key is null or payments.owner_key is null);
