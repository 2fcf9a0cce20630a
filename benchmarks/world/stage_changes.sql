select
    reference('O', i, 3, o) as opportunity_id,
    case when s = 1 then null else stage_name(s - 1) end as from_stage,
    case when s <= deal_last_stage(o) then stage_name(s) when deal_fate(o) = 'won' then '赢单' else '输单' end as to_stage,
    moment_text(time_of(stage_day(o, s), i, 4), i, 5) as changed_at,
    label('U', deal_owner(o)) as changed_by,
    money_text(deal_cents(o), i, 6) as amount,
    day_text(day_of(deal_made(o) + deal_pace(o) * (1 + s)), i, 7) as expected_close_on
from (select i, i // 5 as o, 1 + i % 5 as s from (select unnest(range(5 * n_opportunities())) as i))
where s <= deal_last_stage(o) + cast(deal_fate(o) <> 'open' as integer) and stage_day(o, s) <= world_day()
