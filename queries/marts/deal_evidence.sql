-- What: the stage that an open deal claims against the one that its records carry.
-- Row: one open deal.
-- Definition: the records carry the highest stage whose rules and those of all stages before it hold (playbook_rules, deal_milestones); 0 when
--   not even the first. Unknown where the export could show none of the pipeline's rules. Ahead = claims a later stage than carried.
--   Behind = all rules hold up to one that only a later stage than the claimed demands.
-- Columns:
--   opportunity_key integer: join key
--   owner_key integer: users
--   account_key integer: accounts
--   claimed_position integer: position of the stage claimed; null when not known
--   evidence_position integer: highest position carried; null unknown
--   n_demanded integer: rules that the claimed stage demands
--   n_missing integer: of these not shown
--   is_ahead boolean: claimed above carried
--   is_behind boolean: the records earn a later stage than claimed
-- Leaves out: decided deals.
with pipelines as (
    select pipeline, count(*) as n_rules, count(*) filter (where is_shown) as n_shown,
        list(position) filter (where is_shown) as demanding
    from playbook_rules
    group by pipeline
),
found as (
    select
        opportunity_key,
        min(position) filter (where not holds) as missing_position,
        count(*) filter (where is_demanded) as n_demanded,
        count(*) filter (where is_demanded and not holds) as n_missing
    from deal_milestones
    group by opportunity_key
),
carried as (
    select
        d.opportunity_key,
        d.owner_key,
        d.account_key,
        d.stage_position,
        case
            when d.n_stages = 0 or (p.n_rules > 0 and p.n_shown = 0) then null
            else coalesce(f.missing_position - 1, d.n_stages)
        end as evidence_position,
        f.n_demanded,
        f.n_missing,
        p.demanding
    from deal_facts as d
    left join pipelines as p on p.pipeline is not distinct from d.pipeline
    left join found as f on f.opportunity_key = d.opportunity_key
    where d.outcome = 'open'
)
select
    opportunity_key,
    owner_key,
    account_key,
    cast(stage_position as integer) as claimed_position,
    cast(evidence_position as integer) as evidence_position,
    cast(coalesce(n_demanded, 0) as integer) as n_demanded,
    cast(coalesce(n_missing, 0) as integer) as n_missing,
    coalesce(stage_position > evidence_position, false) as is_ahead,
    coalesce(list_max(list_filter(demanding, lambda p: p <= evidence_position)) > stage_position, false) as is_behind
from carried
