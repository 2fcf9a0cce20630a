-- What: what the salesman says about a deal, and what the records say.
-- Row: one statement that the deal makes.
-- Definition: stage: claimed against the highest stage that the milestones carry. close_date: expected closing against today plus the firm's
--   median days of the stages still to go; contradicted when it has passed, was moved later twice or more, or leaves less than half of these
--   days. odds: the CRM's probability against the firm's odds from the stage reached; contradicted when it is more than 20 points above.
--   contact: an open deal against its silence. next_step: the step noted against its date and the contacts since. people: contradicted when
--   single-threaded. amount: the deal's amount against its lines; contradicted when more than 1 % apart. paid: a won deal's amount against
--   receipts; contradicted when an instalment is overdue.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   code varchar: stage, close_date, odds, contact, next_step, people, amount, paid
--   place bigint: order
--   said_text varchar: stage or step, as the CRM has it
--   said_on date: date claimed
--   said_number double: probability 0 to 1, money, or a count
--   found_text varchar: stage that the evidence carries
--   found_on date: date found
--   found_number double: odds 0 to 1, money, or a count (pushes, days silent, persons)
--   verdict varchar: agrees, contradicts, unknown
-- Leaves out: statements that make no sense for a decided deal.
with deal as (
    select
        deal_facts.opportunity_key,
        deal_facts.pipeline,
        deal_facts.outcome,
        deal_facts.stage,
        deal_facts.stage_position,
        deal_facts.n_stages,
        deal_evidence.evidence_position,
        deal_facts.amount,
        deal_facts.win_odds,
        deal_facts.expected_close_on,
        deal_facts.last_effective_on,
        deal_facts.n_pushes,
        deal_facts.n_contacts_90d,
        opportunities.probability,
        opportunities.next_step,
        opportunities.next_step_on,
        deal_flags.days_in_stage,
        deal_flags.days_silent,
        coalesce(deal_flags.is_ahead, false) as is_ahead,
        coalesce(deal_flags.is_silent, false) as is_silent,
        coalesce(deal_flags.is_single_threaded, false) as is_single_threaded,
        coalesce(deal_flags.has_no_next_step, false) as has_no_next_step
    from deal_facts
    inner join opportunities on opportunities.opportunity_key = deal_facts.opportunity_key
    left join deal_evidence on deal_evidence.opportunity_key = deal_facts.opportunity_key
    left join deal_flags on deal_flags.opportunity_key = deal_facts.opportunity_key
    where deal_facts.opportunity_id = $opportunity_id
),

norms as (
    select has_contacts, has_people, has_next_steps from firm_norms
),

carried as (
    select stages.stage
    from stages
    inner join deal on deal.pipeline = stages.pipeline and deal.evidence_position = stages.position
),

-- Days that the firm's deals usually still need: the rest of this stage, then those after it.
to_go as (
    select
        sum(
            case
                when firm_stage_days.position = deal.stage_position
                    then greatest(0.0, firm_stage_days.median_days - coalesce(deal.days_in_stage, 0))
                else firm_stage_days.median_days
            end
        ) as days
    from firm_stage_days
    inner join deal on deal.pipeline = firm_stage_days.pipeline and firm_stage_days.position >= deal.stage_position
),

lines as (
    select sum(line_items.quantity * cast(line_items.unit_price as double)) as amount
    from line_items
    inner join deal on deal.opportunity_key = line_items.opportunity_key
),

bills as (
    select
        count(*) as n_bills,
        sum(cast(invoice_facts.paid_amount as double)) as paid_amount,
        max(invoice_facts.days_overdue) as days_overdue
    from invoice_facts
    inner join orders on orders.order_key = invoice_facts.order_key
    inner join deal on deal.opportunity_key = orders.opportunity_key
),

statements as (
    select
        'stage' as code,
        1 as place,
        deal.stage as said_text,
        cast(null as date) as said_on,
        cast(deal.stage_position as double) as said_number,
        carried.stage as found_text,
        cast(null as date) as found_on,
        cast(deal.evidence_position as double) as found_number,
        case when deal.evidence_position is null then 'unknown' when deal.is_ahead then 'contradicts' else 'agrees' end as verdict
    from deal
    left join carried on 1 = 1
    where deal.outcome = 'open'
    union all
    select
        'close_date' as code,
        2 as place,
        cast(null as varchar) as said_text,
        deal.expected_close_on as said_on,
        cast(null as double) as said_number,
        cast(null as varchar) as found_text,
        $as_of + cast(floor(to_go.days) as integer) as found_on,
        cast(deal.n_pushes as double) as found_number,
        case
            when deal.expected_close_on is null then 'unknown'
            when deal.expected_close_on < $as_of or deal.n_pushes >= 2 then 'contradicts'
            when to_go.days is null then 'unknown'
            when date_diff('day', $as_of, deal.expected_close_on) < to_go.days / 2 then 'contradicts'
            else 'agrees'
        end as verdict
    from deal
    cross join to_go
    where deal.outcome = 'open'
    union all
    select
        'odds' as code,
        3 as place,
        cast(null as varchar) as said_text,
        cast(null as date) as said_on,
        deal.probability as said_number,
        cast(null as varchar) as found_text,
        cast(null as date) as found_on,
        deal.win_odds as found_number,
        case
            when deal.probability is null or deal.win_odds is null then 'unknown'
            when deal.probability > deal.win_odds + 0.2 then 'contradicts'
            else 'agrees'
        end as verdict
    from deal
    where deal.outcome = 'open'
    union all
    select
        'contact' as code,
        4 as place,
        cast(null as varchar) as said_text,
        cast(null as date) as said_on,
        cast(null as double) as said_number,
        cast(null as varchar) as found_text,
        deal.last_effective_on as found_on,
        cast(deal.days_silent as double) as found_number,
        case when not norms.has_contacts then 'unknown' when deal.is_silent then 'contradicts' else 'agrees' end as verdict
    from deal
    cross join norms
    where deal.outcome = 'open'
    union all
    select
        'next_step' as code,
        5 as place,
        substr(deal.next_step, 1, 200) as said_text,
        deal.next_step_on as said_on,
        cast(null as double) as said_number,
        cast(null as varchar) as found_text,
        deal.last_effective_on as found_on,
        cast(null as double) as found_number,
        case
            when not norms.has_next_steps then 'unknown'
            when deal.next_step_on < $as_of and coalesce(deal.last_effective_on < deal.next_step_on, true) then 'contradicts'
            when deal.has_no_next_step then 'contradicts'
            else 'agrees'
        end as verdict
    from deal
    cross join norms
    where deal.outcome = 'open'
    union all
    select
        'people' as code,
        6 as place,
        cast(null as varchar) as said_text,
        cast(null as date) as said_on,
        cast(deal.stage_position as double) as said_number,
        cast(null as varchar) as found_text,
        cast(null as date) as found_on,
        cast(deal.n_contacts_90d as double) as found_number,
        case when not norms.has_people then 'unknown' when deal.is_single_threaded then 'contradicts' else 'agrees' end as verdict
    from deal
    cross join norms
    where deal.outcome = 'open'
    union all
    select
        'amount' as code,
        7 as place,
        cast(null as varchar) as said_text,
        cast(null as date) as said_on,
        cast(deal.amount as double) as said_number,
        cast(null as varchar) as found_text,
        cast(null as date) as found_on,
        lines.amount as found_number,
        case
            when lines.amount is null or deal.amount is null then 'unknown'
            when abs(lines.amount - cast(deal.amount as double)) > 0.01 * abs(cast(deal.amount as double)) then 'contradicts'
            else 'agrees'
        end as verdict
    from deal
    cross join lines
    union all
    select
        'paid' as code,
        8 as place,
        cast(null as varchar) as said_text,
        cast(null as date) as said_on,
        cast(deal.amount as double) as said_number,
        cast(null as varchar) as found_text,
        cast(null as date) as found_on,
        bills.paid_amount as found_number,
        case when bills.n_bills = 0 then 'unknown' when bills.days_overdue > 0 then 'contradicts' else 'agrees' end as verdict
    from deal
    cross join bills
    where deal.outcome = 'won'
)

select
    code,
    cast(place as bigint) as place,
    said_text,
    said_on,
    said_number,
    found_text,
    found_on,
    found_number,
    verdict
from statements
order by place asc nulls last
