-- What: the orders that count as sales of their own: those that no deal stands behind.
-- Row: one order.
-- Definition: only where the export ties at least half of its orders to deals: else a won deal and its order could not be told from two
--   sales, and there is no row. Whatever counts sales adds these to the deals won.
-- Columns:
--   order_key integer: join key
--   owner_key integer: users
--   account_key integer: accounts
--   ordered_on date: day of the sale
--   amount decimal(18,2): reporting currency
-- Leaves out: cancelled orders, orders without an amount or dated after the as-of date.
select order_key, owner_key, account_key, ordered_on, amount
from orders
cross join (
    select 2 * count(opportunity_key) >= count(*) as is_tied from orders
) as ties
where ties.is_tied
    and opportunity_key is null
    and status is distinct from 'cancelled'
    and amount is not null
    and ordered_on <= $as_of
