select
    label('P', p) as product_id,
    pick(['基础版', '专业版', '旗舰版', '服务包', '配件'], p, 1) || p as name,
    pick(['软件', '硬件', '服务', '耗材'], p, 2) as family,
    money_text(10000 + mix(p, 3) % 5000000, p, 3) as list_price,
    cast(cast((6000 + mix(p, 3) % 3000000) / 100.0 as decimal(18, 2)) as varchar) as unit_cost,
    mix(p, 4) % 3000 as stock,
    case when in_1000(p, 5, 900) then 'true' else 'false' end as is_active
from (select unnest(range(n_products())) as p)
