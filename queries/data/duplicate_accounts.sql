-- What: customers that may be in the CRM twice.
-- Row: one customer of a group with the same folded name, the group with most open deals first.
-- Definition: names are compared after folding letter case, full width, blanks and punctuation, and after taking off what only says the legal
--   form at the end (有限公司, 股份有限公司, 公司, Co., Ltd., Inc., LLC, GmbH, S.A. and the like). A lead, not a verdict: two
--   firms may share a name. opportunity_id is the latest deal of the customer, to open it.
-- Columns:
--   place bigint: number of the group, from 1
--   n_groups bigint: groups in all
--   n_same bigint: customers in the group
--   account_id varchar: id in the CRM
--   name varchar: as in the CRM
--   owner_name varchar: who is responsible; null = nobody
--   n_deals bigint: deals
--   n_open bigint: open deals
--   won_amount decimal(18,2): reporting currency
--   opportunity_id varchar: latest deal; null = none
-- Leaves out: names of one character; all but the first 500.
with plain as (
    select
        account_key,
        account_id,
        name,
        owner_key,
        trim(regexp_replace(
            case
                -- Few names are written in full width, and to translate is ten times the work of looking.
                when regexp_matches(name, '[ａ-ｚＡ-Ｚ０-９]') then translate(
                    lower(name),
                    'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ０１２３４５６７８９',
                    'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789'
                )
                else lower(name)
            end,
            '[ 　.,;:·_/&()（）［］【】、，。．＆－''"-]+', ' ', 'g'
        )) as words
    from accounts
),
folded as (
    select
        account_key,
        account_id,
        name,
        owner_key,
        replace(
            regexp_replace(
                regexp_replace(
                    words,
                    '( (co|ltd|limited|inc|incorporated|corp|corporation|company|llc|llp|plc|gmbh|mbh|ag|kg|ohg|ug|se|sa|s a|sas|sarl|srl|spa|s p a|s r l|bv|b v|nv|n v|ab|as|oy|oyj|aps|pty|pte|kk|sdn|bhd|pvt))+$',
                    '', 'g'
                ),
                '(股份有限公司|有限责任公司|有限公司|集团公司|分公司|公司)+$', '', 'g'
            ),
            ' ', ''
        ) as folded_name
    from plain
),
same as (
    select folded_name, count(*) as n_same from folded where length(folded_name) > 1 group by folded_name having count(*) > 1
),
members as (
    select s.folded_name, s.n_same, f.account_key, f.account_id, f.name, f.owner_key
    from same as s
    inner join folded as f on f.folded_name = s.folded_name
),
deals as (
    select
        o.account_key, o.opportunity_id, o.outcome, o.amount,
        row_number() over (partition by o.account_key order by o.created_at desc nulls last, o.opportunity_id) as rank
    from opportunities as o
    inner join members as m on m.account_key = o.account_key
),
sums as (
    select
        account_key,
        count(*) as n_deals,
        count(*) filter (where outcome = 'open') as n_open,
        sum(amount) filter (where outcome = 'won') as won_amount,
        max(opportunity_id) filter (where rank = 1) as opportunity_id
    from deals
    group by account_key
),
groups as (
    select m.folded_name, m.n_same, coalesce(sum(s.n_open), 0) as n_open
    from members as m
    left join sums as s on s.account_key = m.account_key
    group by m.folded_name, m.n_same
),
ranked_groups as (
    select
        folded_name, n_same,
        row_number() over (order by n_open desc, n_same desc, folded_name) as place,
        count(*) over () as n_groups
    from groups
)
select
    g.place,
    g.n_groups,
    g.n_same,
    m.account_id,
    m.name,
    u.name as owner_name,
    coalesce(s.n_deals, 0) as n_deals,
    coalesce(s.n_open, 0) as n_open,
    cast(coalesce(s.won_amount, 0) as decimal(18,2)) as won_amount,
    s.opportunity_id
from ranked_groups as g
inner join members as m on m.folded_name = g.folded_name
left join sums as s on s.account_key = m.account_key
left join users as u on u.user_key = m.owner_key
order by place, n_open desc, account_id asc nulls last
limit 500
