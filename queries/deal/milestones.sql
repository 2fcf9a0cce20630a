-- What: what a deal must show for the stage it claims, rule by rule.
-- Row: one rule of the playbook for the deal's pipeline.
-- Definition: rules as in playbook_rules, measures as in deal_milestones, counted up to the closing day, or as_of. Lines of products count as
--   one offer without a day. Decider: where no buying role is known at the customer, every contact from the day on which a second person was
--   talked to. What is recorded on the deal itself (need, amount, closing date, next step) has no day.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   measure varchar: code of what is measured
--   at_least bigint: how much of it the rule demands
--   place bigint: order of the rules
--   from_position bigint: first stage that demands it
--   from_stage varchar: its name
--   is_demanded boolean: the stage claimed demands it
--   holds boolean: the records show it; null when the export could not show it for any deal
--   since_on date: since when; null when it does not hold, or its evidence has no date
--   n bigint: pieces of evidence
--   carried_position bigint: highest stage that the records carried on that day, 0 = not even the first; null without a day
--   carried_stage varchar: its name
-- Leaves out: nothing.
with chosen as (
    select
        deal_facts.opportunity_key,
        deal_facts.account_key,
        deal_facts.pipeline,
        deal_facts.stage_position,
        deal_facts.n_stages,
        deal_facts.amount,
        deal_facts.expected_close_on,
        deal_facts.has_next_step,
        deal_facts.has_dated_step,
        deal_facts.is_role_known,
        case when deal_facts.outcome <> 'open' and deal_facts.closed_on < $as_of then deal_facts.closed_on else $as_of end as last_day
    from deal_facts
    where deal_facts.opportunity_id = $opportunity_id
),

touches as (
    select
        cast(activities.happened_at as date) as day,
        activities.kind,
        coalesce(activities.direction = 'in', false) as is_inbound,
        coalesce(activities.is_effective, false) as is_effective,
        coalesce(activities.is_effective and activities.kind in ('meeting', 'visit', 'demo'), false) as is_meeting,
        activities.contact_key,
        coalesce(contacts.buying_role = 'decider', false) as is_decider,
        chosen.last_day,
        chosen.is_role_known
    from activities
    inner join chosen on chosen.opportunity_key = activities.opportunity_key
    left join contacts on contacts.contact_key = activities.contact_key
    where cast(activities.happened_at as date) <= chosen.last_day
),

people as (
    select
        contact_key,
        min(day) as first_on,
        max(case when day > last_day - 90 then day end) as late_on
    from touches
    where is_effective and contact_key is not null
    group by contact_key
),

ordered_people as (
    select first_on, row_number() over (order by first_on asc nulls last, contact_key asc nulls last) as place from people
),

second_person as (
    select max(case when place = 2 then first_on end) as second_on from ordered_people
),

-- Who counts as a decider: one who is known as such; where nobody's role is known, anybody from the second person on.
deciding as (
    select
        touches.is_meeting,
        case when touches.is_decider then touches.day else greatest(touches.day, second_person.second_on) end as day
    from touches
    cross join second_person
    where touches.is_effective
        and (touches.is_decider or (not touches.is_role_known and second_person.second_on is not null))
),

pieces as (
    select 'contact' as measure, day from touches where is_effective
    union all
    select 'inbound' as measure, day from touches where is_inbound
    union all
    select 'recent' as measure, max(day) as day from touches where is_effective and day > last_day - 30 having count(*) > 0
    union all
    select 'meeting' as measure, day from touches where is_meeting
    union all
    select 'demo' as measure, day from touches where is_effective and kind = 'demo'
    union all
    select 'people' as measure, first_on as day from people
    union all
    select 'people_90d' as measure, late_on as day from people where late_on is not null
    union all
    select 'decider' as measure, day from deciding
    union all
    select 'decider_meeting' as measure, day from deciding where is_meeting
    union all
    select 'offer' as measure, day from touches where kind = 'quote' or (is_effective and kind = 'demo')
    union all
    select 'quote' as measure, day from touches where kind = 'quote'
    union all
    select offers.measure, cast(null as date) as day
    from chosen
    cross join (select 'offer' as measure union all select 'quote' as measure) as offers
    where chosen.opportunity_key in (select opportunity_key from line_items)
    union all
    select 'lines' as measure, cast(null as date) as day
    from line_items
    inner join chosen on chosen.opportunity_key = line_items.opportunity_key
    union all
    select 'need' as measure, cast(null as date) as day
    from opportunities
    inner join chosen on chosen.opportunity_key = opportunities.opportunity_key
    where trim(opportunities.need) <> ''
    union all
    select 'amount' as measure, cast(null as date) as day from chosen where amount > 0
    union all
    select 'close_date' as measure, cast(null as date) as day from chosen where expected_close_on >= $as_of
    union all
    select 'step' as measure, cast(null as date) as day from chosen where has_next_step
    union all
    select 'dated_step' as measure, cast(null as date) as day from chosen where has_dated_step
    union all
    select 'approval' as measure, cast(approvals.decided_at as date) as day
    from approvals
    inner join chosen on chosen.opportunity_key = approvals.opportunity_key
    where approvals.decision = 'approved'
    union all
    select 'order' as measure, orders.ordered_on as day
    from orders
    inner join chosen on chosen.opportunity_key = orders.opportunity_key
    where not coalesce(orders.is_derived, false) and orders.status is distinct from 'cancelled'
    union all
    select 'payment' as measure, payments.paid_on as day
    from payments
    inner join orders on orders.order_key = payments.order_key
    inner join chosen on chosen.opportunity_key = orders.opportunity_key
    where payments.amount > 0 and payments.paid_on <= $as_of
),

numbered as (
    select
        measure,
        day,
        -- Of two on one day either has the same date, so that their order does not matter.
        row_number() over (partition by measure order by day asc nulls last) as place,
        count(*) over (partition by measure) as n
    from pieces
),

judged as (
    select
        playbook_rules.measure,
        playbook_rules.at_least,
        playbook_rules.position,
        playbook_rules.stage,
        playbook_rules.is_shown,
        coalesce(chosen.stage_position >= playbook_rules.position, false) as is_demanded,
        coalesce(max(numbered.n), 0) as n,
        max(case when numbered.place = playbook_rules.at_least then numbered.day end) as since_on
    from playbook_rules
    inner join chosen on chosen.pipeline = playbook_rules.pipeline
    left join numbered on numbered.measure = playbook_rules.measure
    group by
        playbook_rules.measure, playbook_rules.at_least, playbook_rules.position, playbook_rules.stage, playbook_rules.is_shown,
        chosen.stage_position
),

-- On a day stand all rules that held by then; what has no day of its own stood from the start.
days as (
    select distinct since_on as day from judged where since_on is not null
),

carried as (
    select
        days.day,
        coalesce(
            min(case
                when judged.is_shown and (judged.n < judged.at_least or judged.since_on > days.day) then judged.position
            end) - 1,
            max(chosen.n_stages)
        ) as position
    from days
    cross join judged
    cross join chosen
    group by days.day
)

select
    judged.measure,
    cast(judged.at_least as bigint) as at_least,
    cast(row_number() over (
        order by judged.position asc nulls last, judged.measure asc nulls last, judged.at_least asc nulls last
    ) as bigint) as place,
    cast(judged.position as bigint) as from_position,
    judged.stage as from_stage,
    judged.is_demanded,
    case when judged.is_shown then judged.n >= judged.at_least end as holds,
    judged.since_on,
    cast(judged.n as bigint) as n,
    cast(carried.position as bigint) as carried_position,
    stages.stage as carried_stage
from judged
cross join chosen
left join carried on carried.day = judged.since_on
left join stages
    on stages.pipeline is not distinct from chosen.pipeline
    and stages.position = carried.position
    and stages.outcome = 'open'
order by place asc nulls last
