-- What: one deal: who, how much, where it claims to be, what the records carry, and what to do next.
-- Row: the deal; no row when the id is unknown or not visible.
-- Definition: warnings as in deal_flags. Advice, the first that holds: won; lost; ahead (stage outruns its evidence); never (no effective
--   contact yet, older than 7 days); silent; step_overdue (next step's date passed); past_due (expected closing has passed); slipped;
--   no_next_step; single_threaded; discount; on_course. Odds = the firm's chance of winning from the stage reached.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   opportunity_id varchar: id in the CRM
--   name varchar: the deal's name
--   account_id varchar: id in the CRM
--   account_name varchar: the customer's name
--   user_id varchar: the owner
--   user_name varchar: the owner's name
--   team varchar: the owner's team
--   pipeline varchar: pipeline
--   stage varchar: stage claimed
--   stage_position bigint: from 1
--   n_stages bigint: open stages of the pipeline
--   evidence_position bigint: highest stage that its records carry (deal_evidence); 0 = none, or decided
--   evidence_stage varchar: name of that stage; null = none
--   outcome varchar: open, won, lost
--   amount decimal(18,2): reporting currency
--   probability double: 0 to 1, as the CRM states it
--   win_odds double: 0 to 1; null once decided
--   weighted_amount decimal(18,2): amount x odds, reporting currency; null once decided
--   source varchar: where the deal came from
--   need varchar: at most 300 characters
--   competitor varchar: at most 120 characters
--   loss_reason varchar: at most 300 characters
--   next_step varchar: at most 200 characters
--   next_step_on date: when
--   created_on date: opened
--   expected_close_on date: expected closing
--   closed_on date: closed; null while open
--   age_days bigint: days from opening to closing, or to as_of
--   days_in_stage bigint: days; null when not known, or decided
--   usual_stage_days double: the firm's median days in the stage; null when not known
--   days_silent bigint: days since the last effective contact, or creation; null once decided
--   silence_limit_days double: days from which a deal counts as silent
--   last_effective_on date: last effective contact; null when there was none
--   n_touches bigint: contacts tried
--   n_effective bigint: contacts made
--   n_contacts_90d bigint: persons effectively talked to in 90 days
--   n_pushes bigint: times the expected closing was moved later
--   days_pushed bigint: by so many days in all
--   discount double: 0 to 1; null without lines, or decided
--   is_silent boolean: warning
--   is_slipped boolean: warning
--   is_ahead boolean: warning
--   is_single_threaded boolean: warning
--   has_no_next_step boolean: warning
--   is_discounted boolean: warning
--   n_flags bigint: warnings raised
--   advice varchar: code of what to do
-- Leaves out: nothing.
with chosen as (
    select
        opportunity_key, opportunity_id, account_key, owner_key, name, stage, probability, need, competitor, loss_reason, next_step, next_step_on
    from opportunities
    where opportunity_id = $opportunity_id
),

deal as (
    select
        deal_facts.opportunity_key,
        deal_facts.pipeline,
        deal_facts.stage_position,
        deal_facts.n_stages,
        deal_evidence.evidence_position,
        deal_facts.outcome,
        deal_facts.amount,
        deal_facts.win_odds,
        deal_facts.source,
        deal_facts.created_on,
        deal_facts.expected_close_on,
        deal_facts.closed_on,
        deal_facts.last_effective_on,
        deal_facts.n_touches,
        deal_facts.n_effective,
        deal_facts.n_contacts_90d,
        deal_facts.n_pushes,
        deal_facts.days_pushed
    from deal_facts
    inner join chosen on chosen.opportunity_key = deal_facts.opportunity_key
    left join deal_evidence on deal_evidence.opportunity_key = deal_facts.opportunity_key
)

select
    chosen.opportunity_id,
    chosen.name,
    accounts.account_id,
    accounts.name as account_name,
    users.user_id,
    users.name as user_name,
    users.team,
    deal.pipeline,
    chosen.stage,
    cast(deal.stage_position as bigint) as stage_position,
    cast(deal.n_stages as bigint) as n_stages,
    cast(coalesce(deal.evidence_position, 0) as bigint) as evidence_position,
    carried.stage as evidence_stage,
    deal.outcome,
    cast(deal.amount as decimal(18, 2)) as amount,
    chosen.probability,
    deal.win_odds,
    cast(cast(deal.amount as double) * deal.win_odds as decimal(18, 2)) as weighted_amount,
    deal.source,
    substr(chosen.need, 1, 300) as need,
    substr(chosen.competitor, 1, 120) as competitor,
    substr(chosen.loss_reason, 1, 300) as loss_reason,
    substr(chosen.next_step, 1, 200) as next_step,
    chosen.next_step_on,
    deal.created_on,
    deal.expected_close_on,
    deal.closed_on,
    cast(date_diff('day', deal.created_on, case when deal.outcome = 'open' then $as_of else deal.closed_on end) as bigint) as age_days,
    deal_flags.days_in_stage,
    usual.median_days as usual_stage_days,
    deal_flags.days_silent,
    firm_norms.silence_limit_days,
    deal.last_effective_on,
    cast(coalesce(deal.n_touches, 0) as bigint) as n_touches,
    cast(coalesce(deal.n_effective, 0) as bigint) as n_effective,
    cast(coalesce(deal.n_contacts_90d, 0) as bigint) as n_contacts_90d,
    cast(coalesce(deal.n_pushes, 0) as bigint) as n_pushes,
    cast(coalesce(deal.days_pushed, 0) as bigint) as days_pushed,
    deal_flags.discount,
    coalesce(deal_flags.is_silent, false) as is_silent,
    coalesce(deal_flags.is_slipped, false) as is_slipped,
    coalesce(deal_flags.is_ahead, false) as is_ahead,
    coalesce(deal_flags.is_single_threaded, false) as is_single_threaded,
    coalesce(deal_flags.has_no_next_step, false) as has_no_next_step,
    coalesce(deal_flags.is_discounted, false) as is_discounted,
    coalesce(deal_flags.n_flags, 0) as n_flags,
    case
        when deal.outcome in ('won', 'lost') then deal.outcome
        when deal_flags.is_ahead then 'ahead'
        when firm_norms.has_contacts and deal.last_effective_on is null and deal_flags.days_silent > 7 then 'never'
        when deal_flags.is_silent then 'silent'
        when chosen.next_step_on < $as_of and coalesce(deal.last_effective_on < chosen.next_step_on, true) then 'step_overdue'
        when deal.expected_close_on < $as_of then 'past_due'
        when deal_flags.is_slipped then 'slipped'
        when deal_flags.has_no_next_step then 'no_next_step'
        when deal_flags.is_single_threaded then 'single_threaded'
        when deal_flags.is_discounted then 'discount'
        else 'on_course'
    end as advice
from chosen
inner join deal on deal.opportunity_key = chosen.opportunity_key
left join accounts on accounts.account_key = chosen.account_key
left join users on users.user_key = chosen.owner_key
left join deal_flags on deal_flags.opportunity_key = chosen.opportunity_key
left join stages as carried on carried.pipeline = deal.pipeline and carried.position = deal.evidence_position
left join firm_stage_days as usual on usual.pipeline = deal.pipeline and usual.position = deal.stage_position
cross join firm_norms
order by opportunity_id asc nulls last
