-- What: what the deals ahead of their evidence lack, and what those behind it have shown.
-- Row: one rule of one deal.
-- Definition: ahead: the rules that the claimed stage demands and the records do not show. behind: the rules of stages after the claimed one
--   that the records show, up to the stage they earn.
-- Parameters:
--   side varchar: ahead or behind
-- Columns:
--   opportunity_id varchar: deal
--   position bigint: first stage that demands it
--   measure varchar: code of what is measured
--   at_least bigint: how much of it is demanded
--   n bigint: how much of it is shown
-- Leaves out: decided deals.
select
    deal_facts.opportunity_id,
    cast(deal_milestones.position as bigint) as position,
    deal_milestones.measure,
    cast(deal_milestones.at_least as bigint) as at_least,
    cast(deal_milestones.n as bigint) as n
from deal_milestones
inner join deal_evidence on deal_evidence.opportunity_key = deal_milestones.opportunity_key
inner join deal_facts on deal_facts.opportunity_key = deal_milestones.opportunity_key
where case $side
        when 'ahead' then deal_evidence.is_ahead and deal_milestones.is_demanded and not deal_milestones.holds
        else deal_evidence.is_behind
            and deal_milestones.holds
            and deal_milestones.position > deal_evidence.claimed_position
            and deal_milestones.position <= deal_evidence.evidence_position
    end
order by deal_facts.opportunity_id asc nulls last, position asc nulls last, measure asc nulls last, at_least asc nulls last
