-- What: the warnings an open deal carries.
-- Row: one open deal.
-- Definition: silent = no effective contact (nor creation) within the firm's silence limit (firm_norms). Slipped = its expected closing
--   was moved later twice or more, or by more than 30 days in all, or has passed. Ahead of evidence = claims a later stage than
--   its records carry (deal_evidence). Single-threaded = past the first stage and exactly one person effectively talked to in 90 days; none at all is
--   silence and flagged as that. No next step = none fixed from as_of on. Discount = more given away than nine in ten won deals got.
--   A warning that the export cannot tell (no contacts tied to deals, no persons, no next steps recorded anywhere) is not raised.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   opportunity_key integer: join key
--   owner_key integer: join key
--   account_key integer: join key
--   opportunity_id varchar: id in the CRM
--   amount decimal(18,2): reporting currency
--   days_silent bigint: days since the last effective contact, since creation where there was none
--   days_in_stage bigint: days; null when the entry is not known
--   discount double: 0 to 1; null without lines
--   is_silent boolean: flag
--   is_slipped boolean: flag
--   is_ahead boolean: flag, claimed stage outruns its evidence
--   is_single_threaded boolean: flag
--   has_no_next_step boolean: flag
--   is_discounted boolean: flag
--   n_flags bigint: flags raised, 0 to 6
-- Leaves out: decided deals.
with lines as (
    select
        opportunity_key,
        1 - sum(quantity * unit_price) / nullif(sum(quantity * unit_price / (1 - discount)), 0) as discount
    from line_items
    where discount < 1 and opportunity_key is not null
    group by opportunity_key
),

flags as (
    select
        deal_facts.opportunity_key,
        deal_facts.owner_key,
        deal_facts.account_key,
        deal_facts.opportunity_id,
        deal_facts.amount,
        date_diff('day', coalesce(deal_facts.last_effective_on, deal_facts.created_on), $as_of) as days_silent,
        date_diff('day', deal_facts.stage_entered_on, $as_of) as days_in_stage,
        lines.discount,
        firm_norms.has_contacts
        and date_diff('day', coalesce(deal_facts.last_effective_on, deal_facts.created_on), $as_of) > firm_norms.silence_limit_days as is_silent,
        coalesce(deal_facts.n_pushes, 0) >= 2
        or coalesce(deal_facts.days_pushed, 0) > 30
        or coalesce(deal_facts.expected_close_on < $as_of, false) as is_slipped,
        coalesce(deal_evidence.is_ahead, false) as is_ahead,
        firm_norms.has_people and deal_facts.stage_position >= 2 and deal_facts.n_contacts_90d = 1 as is_single_threaded,
        firm_norms.has_next_steps and not coalesce(deal_facts.has_next_step, false) as has_no_next_step,
        coalesce(lines.discount > firm_norms.discount_limit, false) as is_discounted
    from deal_facts
    left join deal_evidence on deal_evidence.opportunity_key = deal_facts.opportunity_key
    left join lines on lines.opportunity_key = deal_facts.opportunity_key
    cross join firm_norms
    where deal_facts.outcome = 'open'
)

select
    opportunity_key,
    owner_key,
    account_key,
    opportunity_id,
    amount,
    cast(days_silent as bigint) as days_silent,
    cast(days_in_stage as bigint) as days_in_stage,
    discount,
    coalesce(is_silent, false) as is_silent,
    is_slipped,
    is_ahead,
    coalesce(is_single_threaded, false) as is_single_threaded,
    has_no_next_step,
    is_discounted,
    cast(
        cast(coalesce(is_silent, false) as integer) + cast(is_slipped as integer) + cast(is_ahead as integer)
        + cast(coalesce(is_single_threaded, false) as integer) + cast(has_no_next_step as integer) + cast(is_discounted as integer)
        as bigint
    ) as n_flags
from flags
