select
    own_id('O', i, o) as opportunity_id,
    reference('A', i, 3, deal_account(o)) as account_id,
    reference('U', i, 4, deal_owner(o)) as owner_id,
    pick(['设备采购', '系统升级', '年度框架', '试点项目', '扩容, 二期'], o, 5) || '-' || o as name,
    deal_pipeline(o) as pipeline,
    case when is_decided(o) then case when deal_fate(o) = 'won' then '赢单' else '输单' end else stage_name(open_stage(o)) end as stage,
    case when is_decided(o) then deal_fate(o) else 'open' end as outcome,
    money_text(deal_cents(o), i, 6) as amount,
    case when is_decided(o) then case when deal_fate(o) = 'won' then 1 else 0 end else open_stage(o) * 0.2 end as probability,
    pick(['展会', '转介绍', '网站', '电话', '老客户'], o, 8) as source,
    case when in_1000(o, 9, 500) then pick(['需要本地部署', '替换旧系统' || chr(10) || '预算已批', '降低成本, 提高效率'], o, 10) end as need,
    case when in_1000(o, 12, 300) then pick(['甲公司', '乙公司', '丙公司'], o, 13) end as competitor,
    case when is_decided(o) and deal_fate(o) = 'lost' then pick(['价格', '功能', '无预算', '竞争对手', '无回应'], o, 14) end as loss_reason,
    case when not is_decided(o) and in_1000(o, 15, 600) then pick(['约演示', '发报价', '拜访决策人'], o, 16) end as next_step,
    case when not is_decided(o) and in_1000(o, 15, 600) then day_text(as_of() + cast(mix(o, 17) % 30 - 8 as integer), i, 17) end as next_step_on,
    day_text(day_of(deal_made(o) + deal_pace(o) * (2 + mix(o, 18) % 3)), i, 18) as expected_close_on,
    moment_text(time_of(deal_made(o), o, 19), i, 19) as created_at,
    case when is_decided(o) then moment_text(time_of(deal_end(o), o, 20), i, 20) end as closed_at
from (select i, numbered(i, n_opportunities()) as o from (select unnest(range(n_opportunities() + n_opportunities() // 200)) as i))
where deal_made(o) <= world_day()
