select
    own_id('C', i, c) as contact_id,
    reference('A', i, 3, c // 2) as account_id,
    pick(['王', '李', '张', '刘', '陈', '杨', '赵', '黄'], c, 4) || pick(['总', '经理', '主任', '女士', '先生'], c, 5) || c as name,
    pick(['采购经理', '总经理', '技术总监', '财务', '助理'], c, 6) as title,
    pick(['decider', 'influencer', 'user', 'gatekeeper', 'unknown'], c, 7) as buying_role,
    '13' || lpad(cast(mix(c, 8) % 1000000000 as varchar), 9, '0') as phone,
    'c' || c || '@customer.example' as email,
    day_text(date '1965-01-01' + cast(mix(c, 9) % 12000 as integer), i, 9) as birthday,
    moment_text(time_of(mix(c, 10) % 200, c, 11), i, 10) as created_at
from (select i, numbered(i, n_contacts()) as c from (select unnest(range(n_contacts() + n_contacts() // 200)) as i))
