-- What: what a deal must show for the stage it claims, rule by rule.
-- Row: one evidence rule; four of them.
-- Definition: the default milestones of deal_facts. Contact: an effective contact, from 30 % of the pipeline's open stages on. Meeting: an
--   effective meeting, visit or demo, from 50 %. Offer: a quote, an effective demo or line items, from 70 %. Power: an effective contact with
--   a decider, from 85 %; where no role is known at the customer, two distinct persons. Never demanded in the first stage. Evidence counts
--   up to the closing day, or as_of.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   rule varchar: contact, meeting, offer, power
--   place bigint: order of the rules, 1 to 4
--   from_position bigint: first stage that demands it; null when none does
--   from_stage varchar: its name
--   is_demanded boolean: the stage claimed demands it
--   holds boolean: the records show it; null when the export could not show it for any deal
--   since_on date: since when; null when it does not hold, or its evidence has no date (line items)
--   n bigint: pieces of evidence: contacts, meetings, offers, persons
-- Leaves out: the user's own playbook.
with chosen as (
    select
        deal_facts.opportunity_key,
        deal_facts.account_key,
        deal_facts.pipeline,
        deal_facts.stage_position,
        deal_facts.n_stages,
        case when deal_facts.outcome <> 'open' and deal_facts.closed_on < $as_of then deal_facts.closed_on else $as_of end as last_day
    from deal_facts
    where deal_facts.opportunity_id = $opportunity_id
),

touches as (
    select
        cast(activities.happened_at as date) as day,
        activities.kind,
        coalesce(activities.is_effective, false) as is_effective,
        activities.contact_key,
        contacts.buying_role
    from activities
    inner join chosen on chosen.opportunity_key = activities.opportunity_key
    left join contacts on contacts.contact_key = activities.contact_key
    where cast(activities.happened_at as date) <= chosen.last_day
),

lines as (
    select count(*) as n_lines
    from line_items
    inner join chosen on chosen.opportunity_key = line_items.opportunity_key
),

roles as (
    select count(case when contacts.buying_role in ('decider', 'influencer', 'user', 'gatekeeper') then 1 end) as n_known
    from contacts
    inner join chosen on chosen.account_key = contacts.account_key
),

first_met as (
    select contact_key, max(buying_role) as buying_role, min(day) as day
    from touches
    where is_effective and contact_key is not null
    group by contact_key
),

met as (
    select
        count(*) as n_people,
        count(case when buying_role = 'decider' then 1 end) as n_deciders,
        min(case when buying_role = 'decider' then day end) as decider_on
    from first_met
),

ordered as (
    select day, row_number() over (order by day asc nulls last, contact_key asc nulls last) as place from first_met
),

second_met as (
    select max(case when place = 2 then day end) as second_on from ordered
),

shown as (
    select
        count(case when is_effective then 1 end) as n_contacts,
        min(case when is_effective then day end) as contact_on,
        count(case when is_effective and kind in ('meeting', 'visit', 'demo') then 1 end) as n_meetings,
        min(case when is_effective and kind in ('meeting', 'visit', 'demo') then day end) as meeting_on,
        count(case when kind = 'quote' or (kind = 'demo' and is_effective) then 1 end) as n_offers,
        min(case when kind = 'quote' or (kind = 'demo' and is_effective) then day end) as offer_on
    from touches
),

rules as (
    select 'contact' as rule, 1 as place, 30 as percent, n_contacts as n, contact_on as since_on, firm_norms.has_activities as is_shown
    from shown cross join firm_norms
    union all
    select 'meeting' as rule, 2 as place, 50 as percent, n_meetings as n, meeting_on as since_on, firm_norms.has_meetings as is_shown
    from shown cross join firm_norms
    union all
    select 'offer' as rule, 3 as place, 70 as percent, n_offers + n_lines as n, offer_on as since_on, firm_norms.has_offers as is_shown
    from shown cross join lines cross join firm_norms
    union all
    select
        'power' as rule,
        4 as place,
        85 as percent,
        case when n_deciders > 0 or n_known > 0 then n_deciders when n_people >= 2 then n_people else 0 end as n,
        case when n_deciders > 0 then decider_on when n_known = 0 then second_on end as since_on,
        firm_norms.has_people as is_shown
    from met cross join second_met cross join roles cross join firm_norms
),

placed as (
    select
        rules.rule,
        rules.place,
        rules.n,
        rules.since_on,
        rules.is_shown,
        chosen.pipeline,
        chosen.stage_position,
        -- The first stage never demands anything; see evidence_position in deal_facts.
        case
            when greatest(2, cast(ceil(rules.percent * chosen.n_stages / cast(100 as double)) as integer)) <= chosen.n_stages
                then greatest(2, cast(ceil(rules.percent * chosen.n_stages / cast(100 as double)) as integer))
        end as from_position
    from rules
    cross join chosen
)

select
    placed.rule,
    cast(placed.place as bigint) as place,
    cast(placed.from_position as bigint) as from_position,
    stages.stage as from_stage,
    coalesce(placed.stage_position >= placed.from_position, false) as is_demanded,
    case when placed.is_shown then placed.n > 0 end as holds,
    placed.since_on,
    cast(placed.n as bigint) as n
from placed
left join stages on stages.pipeline = placed.pipeline and stages.position = placed.from_position and stages.outcome = 'open'
order by place asc nulls last
