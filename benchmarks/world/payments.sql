-- Four in five instalments are paid, a quarter of these in the wrong amount or without naming the invoice.
select
    own_id('Y', i, v) as payment_id,
    case when in_1000(v, 3, 800) then label('I', v) end as invoice_id,
    reference('R', i, 4, o) as order_id,
    label('A', deal_account(o)) as account_id,
    label('U', deal_owner(o)) as owner_id,
    money_text(case when in_1000(v, 5, 850) then deal_cents(o) // 2 else deal_cents(o) // 3 end, i, 6) as amount,
    day_text(day_of(paid), i, 7) as paid_on
from (
    select i, v, v // 2 as o, deal_end(v // 2) + 5 + 60 * (v % 2) + mix(v, 8) % 75 as paid
    from (select i, numbered(i, 2 * n_opportunities()) as v from (select unnest(range(2 * n_opportunities() + n_opportunities() // 100)) as i))
)
where is_sold(o) and in_1000(v, 9, 800) and paid <= world_day()
