-- What: deals whose claimed stage and whose records do not fit, the largest first.
-- Row: one open deal, at most 1,000 of them.
-- Definition: ahead: claims a later stage than its records carry. behind: the records earn a later stage than it claims (deal_evidence).
--   Money that the claim adds: amount x (odds at the stage claimed - odds at the stage evidenced), firm_stage_odds.
-- Parameters:
--   side varchar: ahead or behind
-- Columns:
--   opportunity_id varchar: deal
--   name varchar: its name
--   account varchar: name of the customer
--   user_id varchar: salesperson
--   owner varchar: name of the salesperson
--   pipeline varchar: pipeline
--   stage varchar: stage claimed
--   evidence_stage varchar: stage that the records carry; null = none
--   n_stages bigint: stages between the two
--   amount decimal(18,2): reporting currency
--   added_value decimal(18,2): reporting currency; negative where the records earn more than claimed
--   expected_close_on date: as stated now
--   last_effective_on date: last effective contact; null when there was none
--   n_deals bigint: deals in the whole list
-- Leaves out: decided deals; deals beyond the first 1,000.
with found as (
    select
        deal_facts.opportunity_id,
        opportunities.name,
        accounts.name as account,
        users.user_id,
        users.name as owner,
        deal_facts.pipeline,
        deal_facts.stage,
        carried.stage as evidence_stage,
        abs(deal_evidence.claimed_position - deal_evidence.evidence_position) as n_stages,
        deal_facts.amount,
        cast(deal_facts.amount as double) * (claimed.odds - sound.odds) as added_value,
        deal_facts.expected_close_on,
        deal_facts.last_effective_on,
        count(*) over () as n_deals
    from deal_evidence
    inner join deal_facts on deal_facts.opportunity_key = deal_evidence.opportunity_key
    inner join opportunities on opportunities.opportunity_key = deal_evidence.opportunity_key
    left join accounts on accounts.account_key = deal_evidence.account_key
    left join users on users.user_key = deal_evidence.owner_key
    left join stages as carried
        on carried.pipeline is not distinct from deal_facts.pipeline
        and carried.position = deal_evidence.evidence_position
        and carried.outcome = 'open'
    left join firm_stage_odds as claimed
        on claimed.pipeline is not distinct from deal_facts.pipeline and claimed.position = deal_evidence.claimed_position
    left join firm_stage_odds as sound
        on sound.pipeline is not distinct from deal_facts.pipeline and sound.position = greatest(1, deal_evidence.evidence_position)
    where case $side when 'ahead' then deal_evidence.is_ahead else deal_evidence.is_behind end
)

select
    opportunity_id,
    name,
    account,
    user_id,
    owner,
    pipeline,
    stage,
    evidence_stage,
    cast(n_stages as bigint) as n_stages,
    cast(amount as decimal(18, 2)) as amount,
    cast(added_value as decimal(18, 2)) as added_value,
    expected_close_on,
    last_effective_on,
    cast(n_deals as bigint) as n_deals
from found
order by amount desc nulls last, opportunity_id asc nulls last
limit 1000
