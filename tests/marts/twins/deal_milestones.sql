-- Twin of deal_milestones: the four rules of the default playbook, each asked of the canonical tables for each deal.
with touch as (
    select a.*, a.happened_at::date as day
    from activities a
    where a.happened_at::date <= $as_of
),
d as (
    select
        o.opportunity_key, o.owner_key, o.account_key, o.pipeline,
        (select count(*) from stages s where s.pipeline = o.pipeline and s.outcome = 'open') as n_stages,
        (select max(s.position) from stages s where s.pipeline = o.pipeline and s.stage = o.stage and s.outcome = 'open') as own,
        (select count(*) from touch t where t.opportunity_key = o.opportunity_key and t.is_effective) as contact,
        (select count(*) from touch t where t.opportunity_key = o.opportunity_key and t.is_effective and t.kind in ('visit', 'meeting', 'demo'))
            as meeting,
        (select count(*) from touch t where t.opportunity_key = o.opportunity_key and (t.kind = 'quote' or (t.is_effective and t.kind = 'demo')))
        + exists (select 1 from line_items l where l.opportunity_key = o.opportunity_key)::int as offer,
        (
            select count(*) from touch t join contacts p on p.contact_key = t.contact_key
            where t.opportunity_key = o.opportunity_key and t.is_effective and p.buying_role = 'decider'
        ) as decider,
        (select count(distinct t.contact_key) from touch t where t.opportunity_key = o.opportunity_key and t.is_effective) as people,
        exists (
            select 1 from contacts p
            where p.account_key = o.account_key and p.buying_role is not null and p.buying_role <> 'unknown'
        ) as roles
    from opportunities o
    where o.outcome = 'open'
),
rules(measure, tenths) as (values ('contact', 6), ('meeting', 10), ('offer', 14), ('decider', 17)),
asked as (
    select
        d.*, r.measure,
        -- The first stage after the first one that stands at so many twentieths of the way or beyond.
        (select min(i) from unnest(range(2, d.n_stages + 1)) as t(i) where 20 * i >= r.tenths * d.n_stages) as position,
        case r.measure
            when 'contact' then d.contact
            when 'meeting' then d.meeting
            when 'offer' then d.offer
            else case when d.decider = 0 and not d.roles and d.people >= 2 then d.contact
                when not d.roles and d.people >= 2 then greatest(d.contact, d.decider) else d.decider end
        end as n
    from d, rules r
)
select
    opportunity_key, owner_key, account_key, position::int as position, measure, 1 as at_least, n::int as n,
    coalesce(own >= position, false) as is_demanded,
    n > 0 as holds
from asked
where position is not null
