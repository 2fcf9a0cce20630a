-- What: the playbook in force: each open stage, what it demands, how long it should take.
-- Row: one rule of one open stage, or one row for a stage that demands nothing of its own.
-- Definition: rules as in playbook_rules; usual days as in firm_stage_days.
-- Columns:
--   pipeline varchar: pipeline
--   position bigint: place of the stage, from 1
--   stage varchar: stage
--   measure varchar: code of what is measured; null = demands nothing of its own
--   at_least bigint: how much of it is demanded
--   is_own boolean: the user has written this stage himself
--   is_shown boolean: the export could show it
--   expected_days double: days that the user's playbook expects; null when it does not say
--   expected_touches double: effective contacts that it expects; null when it does not say
--   usual_days double: the firm's own median days in the stage; null when not known
--   n_open bigint: open deals that claim the stage
-- Leaves out: nothing.
with own as (
    select pipeline, stage, max(expected_days) as expected_days, max(expected_touches) as expected_touches
    from own_playbook
    group by pipeline, stage
),

residents as (
    select pipeline, stage_position, count(*) as n_open
    from deal_facts
    where outcome = 'open'
    group by pipeline, stage_position
)

select
    stages.pipeline,
    cast(stages.position as bigint) as position,
    stages.stage,
    playbook_rules.measure,
    cast(playbook_rules.at_least as bigint) as at_least,
    own.stage is not null as is_own,
    playbook_rules.is_shown,
    own.expected_days,
    own.expected_touches,
    firm_stage_days.median_days as usual_days,
    cast(coalesce(residents.n_open, 0) as bigint) as n_open
from stages
left join playbook_rules on playbook_rules.pipeline is not distinct from stages.pipeline and playbook_rules.position = stages.position
left join own on own.pipeline is not distinct from stages.pipeline and own.stage = stages.stage
left join firm_stage_days on firm_stage_days.pipeline is not distinct from stages.pipeline and firm_stage_days.position = stages.position
left join residents on residents.pipeline is not distinct from stages.pipeline and residents.stage_position = stages.position
where stages.outcome = 'open'
order by pipeline asc nulls last, position asc nulls last, measure asc nulls last, at_least asc nulls last
