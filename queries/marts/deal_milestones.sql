-- What: the rules of the playbook against what the records of each open deal show.
-- Row: one open deal and one rule of its pipeline, also of stages that it has not come to.
-- Definition: n counts what happened up to the as-of date; flags count as one. Recent: an effective contact in the last 30 days. Offer: quote
--   or demo, lines of products count as one. Decider: where no buying role is known at the customer, all contacts (meetings) count once two
--   people were talked to. Orders derived from won deals and cancelled ones do not count.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   opportunity_key integer: join key
--   owner_key integer: users
--   account_key integer: accounts
--   position integer: first stage that demands it
--   measure varchar: code, as in playbook_measures
--   at_least integer: demanded
--   n integer: shown
--   is_demanded boolean: the stage claimed demands it
--   holds boolean: shown is at least what is demanded
-- Leaves out: decided deals; rules that the export could not show for any deal.
with granted as (
    select opportunity_key, count(*) as n_approvals
    from approvals
    where decision = 'approved' and opportunity_key is not null
    group by opportunity_key
),
signed as (
    select opportunity_key, count(*) as n_orders
    from orders
    where opportunity_key is not null and not coalesce(is_derived, false) and status is distinct from 'cancelled'
    group by opportunity_key
),
received as (
    select o.opportunity_key, count(*) as n_payments
    from payments as p
    inner join orders as o on o.order_key = p.order_key
    where p.amount > 0 and p.paid_on <= $as_of and o.opportunity_key is not null
    group by o.opportunity_key
),
needs as (
    select opportunity_key
    from opportunities
    where outcome = 'open' and trim(need) <> ''
),
shown as (
    select
        d.opportunity_key,
        d.owner_key,
        d.account_key,
        d.stage_position,
        r.position,
        r.measure,
        r.at_least,
        case r.measure
            when 'contact' then d.n_effective
            when 'inbound' then d.n_inbound
            when 'recent' then cast(d.last_effective_on > $as_of - 30 as integer)
            when 'meeting' then d.n_meetings
            when 'demo' then d.n_demos
            when 'people' then d.people_met
            when 'people_90d' then d.n_contacts_90d
            when 'decider' then
                greatest(d.n_decider_contacts, if(not d.is_role_known and d.people_met = 2, d.n_effective, 0))
            when 'decider_meeting' then
                greatest(d.n_decider_meetings, if(not d.is_role_known and d.people_met = 2, d.n_meetings, 0))
            when 'offer' then d.n_quotes + d.n_demos + cast(d.n_lines > 0 as integer)
            when 'quote' then d.n_quotes + cast(d.n_lines > 0 as integer)
            when 'lines' then d.n_lines
            when 'need' then cast(n.opportunity_key is not null as integer)
            when 'amount' then cast(d.amount > 0 as integer)
            when 'close_date' then cast(d.expected_close_on >= $as_of as integer)
            when 'step' then cast(d.has_next_step as integer)
            when 'dated_step' then cast(d.has_dated_step as integer)
            when 'approval' then g.n_approvals
            when 'order' then s.n_orders
            when 'payment' then p.n_payments
        end as n
    from deal_facts as d
    inner join playbook_rules as r on r.pipeline is not distinct from d.pipeline and r.is_shown
    left join needs as n on n.opportunity_key = d.opportunity_key
    left join granted as g on g.opportunity_key = d.opportunity_key
    left join signed as s on s.opportunity_key = d.opportunity_key
    left join received as p on p.opportunity_key = d.opportunity_key
    where d.outcome = 'open'
)
select
    opportunity_key,
    owner_key,
    account_key,
    position,
    measure,
    at_least,
    cast(coalesce(n, 0) as integer) as n,
    coalesce(position <= stage_position, false) as is_demanded,
    coalesce(n, 0) >= at_least as holds
from shown
