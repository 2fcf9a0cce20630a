-- What: deals that may be in the CRM twice.
-- Row: one deal of a group with the same customer, name and amount, the largest amount first.
-- Definition: names are compared without letter case and blanks; an amount of 0 or none is not compared. A lead, not a verdict: the same
--   thing may be sold twice, so the days of creation stand beside.
-- Columns:
--   place bigint: number of the group, from 1
--   n_groups bigint: groups in all
--   n_same bigint: deals in the group
--   opportunity_id varchar: id in the CRM
--   name varchar: as in the CRM
--   account_name varchar: customer
--   owner_name varchar: who is responsible; null = nobody
--   amount decimal(18,2): reporting currency
--   outcome varchar: open, won, lost
--   stage varchar: stage claimed
--   created_on date: day of creation
-- Leaves out: deals without customer, name or amount; all but the first 500.
with alike as (
    -- Few deals share customer and amount: only their names are compared.
    select account_key, amount
    from opportunities
    where account_key is not null and name is not null and amount > 0
    group by account_key, amount
    having count(*) > 1
),
deals as (
    select
        o.opportunity_id, o.name, o.account_key, o.owner_key, o.amount, o.outcome, o.stage, o.created_at,
        replace(replace(lower(o.name), ' ', ''), '　', '') as folded_name
    from opportunities as o
    inner join alike as a on a.account_key = o.account_key and a.amount = o.amount
    where o.name is not null
),
same as (
    select account_key, folded_name, amount, count(*) as n_same, count(*) filter (where outcome = 'open') as n_open
    from deals
    group by account_key, folded_name, amount
    having count(*) > 1
),
groups as (
    select
        account_key, folded_name, amount, n_same,
        row_number() over (
            order by case when n_open > 0 then 0 else 1 end, amount desc, n_same desc, account_key, folded_name
        ) as place,
        count(*) over () as n_groups
    from same
)
select
    g.place,
    g.n_groups,
    g.n_same,
    d.opportunity_id,
    d.name,
    a.name as account_name,
    u.name as owner_name,
    d.amount,
    d.outcome,
    d.stage,
    cast(d.created_at as date) as created_on
from groups as g
inner join deals as d on d.account_key = g.account_key and d.folded_name = g.folded_name and d.amount = g.amount
left join accounts as a on a.account_key = d.account_key
left join users as u on u.user_key = d.owner_key
order by place, created_on asc nulls last, opportunity_id asc nulls last
limit 500
