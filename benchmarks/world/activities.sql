select
    own_id('T', i, t) as activity_id,
    pick(['call', 'call', 'call', 'visit', 'meeting', 'email', 'email', 'message', 'demo', 'quote', 'other'], t, 3) as kind,
    case when in_1000(t, 4, 220) then 'in' else 'out' end as direction,
    reference('U', i, 5, deal_owner(o)) as owner_id,
    reference('A', i, 6, deal_account(o)) as account_id,
    case when in_1000(t, 7, 800) then label('C', deal_account(o) * 2 + mix(t, 8) % 2) end as contact_id,
    case when in_1000(t, 9, 850) then reference('O', i, 10, o) end as opportunity_id,
    moment_text(time_of(on_day, t, 12), i, 12) as happened_at,
    case when in_1000(t, 13, 600) then 1 + mix(t, 14) % 90 end as minutes,
    pick(['reached', 'no_answer', 'positive', 'neutral', 'negative', 'unknown'], t, 15) as outcome,
    pick(['跟进报价', '确认需求', '介绍新品', 'Follow-up call', '邀请演示', '回访'], t, 16) || ' ' || mix(t, 17) % 10000 as subject,
    case
        when in_1000(t, 18, 25) then '客户说: "太贵, 再谈"' || chr(10) || '下周再联系'
        when in_1000(t, 18, 300) then pick(['聊了需求', '对方在比价', '等预算审批', '已发资料'], t, 19) || ',' || mix(t, 20) % 1000
    end as note
from (
    select i, t, o, deal_made(o) + mix(t, 11) % least(160, n_world_days() - deal_made(o)) as on_day
    from (
        select i, t, mix(t, 2) % n_opportunities() as o
        from (select i, numbered(i, n_activities()) as t from (select unnest(range(n_activities() + n_activities() // 200)) as i))
    )
)
where on_day <= world_day()
