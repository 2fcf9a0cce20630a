select
    own_id('L', i, l) as line_id,
    reference('O', i, 3, o) as opportunity_id,
    case when is_sold(o) then label('R', o) end as order_id,
    reference('P', i, 4, mix(l, 5) % n_products()) as product_id,
    1 + mix(l, 6) % 40 as quantity,
    money_text(8000 + mix(mix(l, 5) % n_products(), 3) % 5000000, i, 7) as unit_price,
    case when in_1000(l, 8, 400) then (1 + mix(l, 9) % 30) / 100.0 else 0 end as discount
from (select i, l, l * 5 // 3 as o from (select i, numbered(i, n_line_items()) as l from (select unnest(range(n_line_items() + n_line_items() // 200)) as i)))
where deal_made(o) <= world_day()
