-- What: what one deal claimed at this snapshot's date, to be lined up over snapshots.
-- Row: the deal; no row when it is not in the snapshot or not visible.
-- Definition: stage, amount, expected closing and probability as the CRM stated them then; silence counted to that day.
-- Parameters:
--   opportunity_id varchar: the deal
-- Columns:
--   opportunity_id varchar: id in the CRM
--   stage varchar: stage claimed
--   outcome varchar: open, won, lost
--   amount decimal(18,2): reporting currency
--   expected_close_on date: expected closing
--   probability double: 0 to 1
--   days_silent bigint: days since the last effective contact, or creation; null once decided
-- Leaves out: nothing.
select
    opportunities.opportunity_id,
    opportunities.stage,
    opportunities.outcome,
    opportunities.amount,
    opportunities.expected_close_on,
    opportunities.probability,
    deal_flags.days_silent
from opportunities
left join deal_flags on deal_flags.opportunity_key = opportunities.opportunity_key
where opportunities.opportunity_id = $opportunity_id
order by opportunity_id asc nulls last
