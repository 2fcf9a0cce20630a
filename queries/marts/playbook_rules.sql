-- What: what a deal must show to stand in a stage: the user's own playbook, else the default one.
-- Row: one rule of one open stage.
-- Definition: a stage demands its own rules and those of all stages before it. Default by relative position p / n_stages, never in the
--   first stage: from 30 % an effective contact; from 50 % a meeting, visit or demo; from 70 % an offer (quote, demo or lines of products);
--   from 85 % a contact with a decider. A stage of own_playbook has the rules that stand there and no default ones.
-- Columns:
--   pipeline varchar: pipeline
--   position integer: first stage that demands it
--   stage varchar: its name
--   measure varchar: code, as in playbook_measures
--   at_least integer: how much of it
--   is_own boolean: the user's rule, not the default
--   is_shown boolean: the export could show it; a rule that it could not is not demanded
with pipelines as (
    select pipeline, cast(count(*) as integer) as n_stages
    from stages
    where outcome = 'open'
    group by pipeline
),
defaults as (
    select
        p.pipeline,
        greatest(2, cast(ceil(r.percent * p.n_stages / 100.0) as integer)) as position,
        r.measure,
        1 as at_least
    from pipelines as p
    cross join (values ('contact', 30), ('meeting', 50), ('offer', 70), ('decider', 85)) as r(measure, percent)
),
rules as (
    select s.pipeline, s.position, s.stage, d.measure, d.at_least, false as is_own
    from defaults as d
    inner join stages as s on s.pipeline is not distinct from d.pipeline and s.position = d.position and s.outcome = 'open'
    anti join own_playbook as o on o.pipeline is not distinct from s.pipeline and o.stage = s.stage
    union all
    select distinct s.pipeline, s.position, s.stage, o.measure, o.at_least, true
    from own_playbook as o
    inner join stages as s on s.pipeline is not distinct from o.pipeline and s.stage = o.stage and s.outcome = 'open'
    where o.measure is not null
)
select
    r.pipeline,
    cast(r.position as integer) as position,
    r.stage,
    r.measure,
    cast(r.at_least as integer) as at_least,
    r.is_own,
    m.is_shown
from rules as r
inner join playbook_measures as m on m.measure = r.measure
