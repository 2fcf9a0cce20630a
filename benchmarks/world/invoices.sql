-- Two instalments an order.
select
    own_id('I', i, v) as invoice_id,
    reference('R', i, 3, o) as order_id,
    label('A', deal_account(o)) as account_id,
    label('U', deal_owner(o)) as owner_id,
    money_text(deal_cents(o) // 2, i, 4) as amount,
    1 + v % 2 as instalment,
    day_text(day_of(deal_end(o) + 5 + 60 * (v % 2)), i, 5) as issued_on,
    day_text(day_of(deal_end(o) + 35 + 60 * (v % 2)), i, 6) as due_on
from (select i, v, v // 2 as o from (select i, numbered(i, 2 * n_opportunities()) as v from (select unnest(range(2 * n_opportunities() + n_opportunities() // 100)) as i)))
where is_sold(o)
