select
    own_id('A', i, a) as account_id,
    pick(['华', '中', '天', '金', '东方', '远', 'North', 'Blue'], a, 1) || pick(['科', '信', '达', '丰', '泰', ' Star', ' Peak'], a, 2) || a || pick(['有限公司', '股份有限公司', '集团', ', Inc.', ' Ltd'], a, 3) as name,
    reference('U', i, 4, account_owner(a)) as owner_id,
    pick(['制造', '零售', '软件', '医疗', '教育', '物流', '金融'], a, 5) as industry,
    pick(['华东', '华南', '华北', '西南', '华中'], a, 6) as region,
    pick(['上海', '深圳', '北京', '成都', '武汉', '杭州', '广州'], a, 7) as city,
    pick(['展会', '转介绍', '网站', '电话', '老客户'], a, 8) as source,
    pick(['VIP', '重要', '普通'], a, 9) as crm_tier,
    10 + mix(a, 10) % 5000 as headcount,
    money_text(10000000 + mix(a, 12) % 2000000000, i, 12) as annual_revenue,
    pick(['prospect', 'customer', 'customer', 'lost'], a, 13) as lifecycle,
    case when in_1000(a, 14, 300) then pick(['喜欢电话联系', '下午联系, 勿早于14点', '只收邮件'], a, 15) end as preference,
    moment_text(time_of(mix(a, 16) % 120, a, 17), i, 16) as created_at
from (select i, numbered(i, n_accounts()) as a from (select unnest(range(n_accounts() + n_accounts() // 200)) as i))
