-- What: the user's own playbook, stage by stage; the settings hold it, so a snapshot's is empty and the engine puts the user's in its place.
-- Row: one rule of one stage, or one row without a rule for a stage that demands nothing.
-- Definition: a stage that stands here has these rules alone; any other keeps those of the default playbook.
-- Columns:
--   pipeline varchar: pipeline
--   stage varchar: stage
--   measure varchar: code of the measure; null = demands nothing
--   at_least integer: how much of it
--   expected_days double: days the stage should take; null = not said
--   expected_touches double: effective contacts it should take; null = not said
select
    cast(null as varchar) as pipeline,
    cast(null as varchar) as stage,
    cast(null as varchar) as measure,
    cast(null as integer) as at_least,
    cast(null as double) as expected_days,
    cast(null as double) as expected_touches
where false
