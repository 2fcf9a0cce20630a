select
    own_id('K', i, t) as task_id,
    reference('U', i, 3, deal_owner(o)) as owner_id,
    case when in_1000(t, 4, 200) then label('U', 1 + mix(t, 5) % n_managers()) end as assigned_by,
    label('A', deal_account(o)) as account_id,
    reference('O', i, 6, o) as opportunity_id,
    pick(['寄样品', '发合同', '回电话', '准备方案'], t, 7) as subject,
    pick(['high', 'normal', 'normal', 'low'], t, 8) as priority,
    moment_text(time_of(made, t, 9), i, 9) as created_at,
    day_text(day_of(made + 3 + mix(t, 10) % 20), i, 10) as due_on,
    case when is_done then moment_text(time_of(made + done_after, t, 11), i, 11) end as completed_at,
    case when is_done then 'done' else 'open' end as status
from (
    select *, in_1000(t, 12, 750) and made + done_after <= world_day() as is_done
    from (
        select i, t, o, deal_made(o) + mix(t, 13) % 60 as made, 1 + mix(t, 14) % 25 as done_after
        from (
            select i, t, mix(t, 2) % n_opportunities() as o
            from (select i, numbered(i, n_tasks()) as t from (select unnest(range(n_tasks() + n_tasks() // 200)) as i))
        )
    )
)
where made <= world_day()
