select
    label('U', i) as user_id,
    pick(['王', '李', '张', '刘', '陈', '杨', '赵', '黄', 'Smith ', 'Lee '], i, 1) || pick(['伟', '芳', '娜', '敏', '静', '磊', 'Ann', 'Bo'], i, 2) || i as name,
    'u' || i || '@example.com' as email,
    case when i = 0 then 'director' when i <= n_managers() then 'manager' else 'rep' end as role,
    case when i = 0 then null when i <= n_managers() then label('U', 0) else label('U', 1 + (i - n_managers() - 1) % n_managers()) end as manager_id,
    case when i = 0 then '总部' when i <= n_managers() then '团队' || i else '团队' || (1 + (i - n_managers() - 1) % n_managers()) end as team,
    pick(['华东', '华南', '华北', '西南', '华中'], case when i = 0 then 0 when i <= n_managers() then i else 1 + (i - n_managers() - 1) % n_managers() end, 3) as region,
    day_text(day_of(mix(i, 4) % 700), i, 4) as hired_on,
    null as left_on
from (select unnest(range(n_managers() + 1 + n_reps())) as i)
