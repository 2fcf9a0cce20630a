select
    own_id('R', i, o) as order_id,
    label('O', o) as opportunity_id,
    reference('A', i, 3, deal_account(o)) as account_id,
    reference('U', i, 4, deal_owner(o)) as owner_id,
    pick(['华东', '华南', '华北', '西南', '华中'], deal_account(o), 6) as region,
    money_text(deal_cents(o), i, 5) as amount,
    pick(['active', 'active', 'active', 'done'], o, 7) as status,
    day_text(day_of(deal_end(o)), i, 8) as ordered_on
from (select i, numbered(i, n_opportunities()) as o from (select unnest(range(n_opportunities() + n_opportunities() // 200)) as i))
where is_sold(o)
