-- What: the open deals of one salesperson with the warnings they carry.
-- Row: one open deal.
-- Definition: warnings as in deal_flags; odds = the firm's chance of winning from the stage reached.
-- Parameters:
--   user_id varchar: the salesperson
-- Columns:
--   opportunity_id varchar: id in the CRM
--   name varchar: the deal's name
--   account_name varchar: the customer's name
--   pipeline varchar: pipeline
--   stage varchar: stage claimed
--   stage_position bigint: from 1
--   n_stages bigint: open stages of its pipeline
--   evidence_position bigint: highest stage that its records carry; null unknown
--   amount decimal(18,2): reporting currency
--   win_odds double: 0 to 1
--   expected_close_on date: expected closing
--   days_in_stage bigint: days; null when not known
--   days_silent bigint: days since the last effective contact, or creation
--   n_pushes bigint: times the expected closing was moved later
--   discount double: 0 to 1; null without lines
--   is_silent boolean: warning
--   is_slipped boolean: warning
--   is_ahead boolean: warning
--   is_single_threaded boolean: warning
--   has_no_next_step boolean: warning
--   is_discounted boolean: warning
--   n_flags bigint: warnings raised
-- Leaves out: decided deals.
select
    deal_flags.opportunity_id,
    opportunities.name,
    accounts.name as account_name,
    deal_facts.pipeline,
    deal_facts.stage,
    cast(deal_facts.stage_position as bigint) as stage_position,
    cast(deal_facts.n_stages as bigint) as n_stages,
    cast(deal_evidence.evidence_position as bigint) as evidence_position,
    cast(deal_flags.amount as decimal(18, 2)) as amount,
    deal_facts.win_odds,
    deal_facts.expected_close_on,
    deal_flags.days_in_stage,
    deal_flags.days_silent,
    cast(coalesce(deal_facts.n_pushes, 0) as bigint) as n_pushes,
    deal_flags.discount,
    deal_flags.is_silent,
    deal_flags.is_slipped,
    deal_flags.is_ahead,
    deal_flags.is_single_threaded,
    deal_flags.has_no_next_step,
    deal_flags.is_discounted,
    deal_flags.n_flags
from deal_flags
inner join users on users.user_key = deal_flags.owner_key
inner join deal_facts on deal_facts.opportunity_key = deal_flags.opportunity_key
left join deal_evidence on deal_evidence.opportunity_key = deal_flags.opportunity_key
inner join opportunities on opportunities.opportunity_key = deal_flags.opportunity_key
left join accounts on accounts.account_key = deal_flags.account_key
where users.user_id = $user_id
order by deal_flags.amount desc nulls last, deal_flags.opportunity_id asc nulls last
