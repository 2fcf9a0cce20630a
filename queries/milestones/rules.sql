-- What: which milestone is missing most.
-- Row: one rule of the playbook, in a pipeline that has open deals.
-- Definition: demanded of the open deals that claim the rule's stage or a later one; missing where the records show less than it asks for.
--   Interval: Wilson at 95 %.
-- Columns:
--   pipeline varchar: pipeline
--   position bigint: first stage that demands it
--   stage varchar: its name
--   measure varchar: code of what is measured
--   at_least bigint: how much of it is demanded
--   is_own boolean: the user's rule, not the default
--   is_shown boolean: the export could show it; if not, it is not demanded of anybody
--   n_demanded bigint: deals
--   n_missing bigint: deals
--   missing_rate double: 0 to 1; null where no deal has come so far
--   missing_low double: lower end of its 95 % interval
--   missing_high double: upper end of its 95 % interval
--   missing_amount decimal(18,2): amount of these deals, reporting currency
-- Leaves out: decided deals.
with asked as (
    select
        deal_facts.pipeline,
        deal_milestones.position,
        deal_milestones.measure,
        deal_milestones.at_least,
        cast(count(*) as double) as n_demanded,
        cast(count(case when not deal_milestones.holds then 1 end) as double) as n_missing,
        sum(case when not deal_milestones.holds then coalesce(cast(deal_facts.amount as double), 0) end) as missing_amount
    from deal_milestones
    inner join deal_facts on deal_facts.opportunity_key = deal_milestones.opportunity_key
    where deal_milestones.is_demanded
    group by deal_facts.pipeline, deal_milestones.position, deal_milestones.measure, deal_milestones.at_least
),

rules as (
    select
        playbook_rules.pipeline,
        playbook_rules.position,
        playbook_rules.stage,
        playbook_rules.measure,
        playbook_rules.at_least,
        playbook_rules.is_own,
        playbook_rules.is_shown,
        coalesce(asked.n_demanded, 0) as n_demanded,
        coalesce(asked.n_missing, 0) as n_missing,
        coalesce(asked.missing_amount, 0) as missing_amount,
        asked.n_missing / nullif(asked.n_demanded, 0) as p,
        nullif(asked.n_demanded, 0) as m
    from playbook_rules
    left join asked
        on asked.pipeline is not distinct from playbook_rules.pipeline
        and asked.position = playbook_rules.position
        and asked.measure = playbook_rules.measure
        and asked.at_least = playbook_rules.at_least
    where exists (
        select 1 from deal_facts
        where deal_facts.outcome = 'open' and deal_facts.pipeline is not distinct from playbook_rules.pipeline
    )
)

select
    pipeline,
    cast(position as bigint) as position,
    stage,
    measure,
    cast(at_least as bigint) as at_least,
    is_own,
    is_shown,
    cast(round(n_demanded) as bigint) as n_demanded,
    cast(round(n_missing) as bigint) as n_missing,
    p as missing_rate,
    case when p is not null then greatest(0.0, (p + 1.9208 / nullif(m, 0)
        - 1.96 * sqrt(p * (1 - p) / nullif(m, 0) + 0.9604 / nullif(m * m, 0))) / (1 + 3.8416 / nullif(m, 0))) end
        as missing_low,
    case when p is not null then least(1.0, (p + 1.9208 / nullif(m, 0)
        + 1.96 * sqrt(p * (1 - p) / nullif(m, 0) + 0.9604 / nullif(m * m, 0))) / (1 + 3.8416 / nullif(m, 0))) end
        as missing_high,
    cast(missing_amount as decimal(18, 2)) as missing_amount
from rules
order by n_missing desc nulls last, missing_amount desc nulls last, pipeline asc nulls last, position asc nulls last, measure asc nulls last, at_least asc nulls last
